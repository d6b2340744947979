package dev.laconic.kernels;

import static dev.laconic.kernels.Lanes.F;
import static dev.laconic.kernels.Lanes.L;
import static jdk.incubator.vector.VectorOperators.MAX;

import dev.laconic.core.tensor.Tensor;
import dev.laconic.kernels.KernelOptions.Activations;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** The Vector API provider: as many lanes as the processor has. */
final class VectorKernels implements Kernels {
    private static final int CHUNK = 1024;

    private final Team team;
    private final String name;
    private final Map<KvType, KvKernel> kv = new EnumMap<>(KvType.class);
    private final Pool<VectorMatmul> products;
    private final Pool<SlicedMatmul> slicedProducts;
    private final Pool<Int16Matmul> int16Products;
    private final Pool<Q8Matmul> q8Products;
    private final boolean rounds;
    private final ThreadLocal<float[]> chunk = ThreadLocal.withInitial(() -> new float[CHUNK]);

    /**
     * @param activations of these, {@code AUTO} rounds for the types of weights that are faster then
     * @param note added to the name: why no faster provider runs
     */
    VectorKernels(Team team, Activations activations, String note) {
        this.team = team;
        String rounding =
                switch (activations) {
                    case F32 -> "";
                    case INT8 -> "/int8";
                    case AUTO -> ", Q4_0+Q4_K/int8";
                };
        name = "vector-" + F.vectorBitSize() + rounding + note;
        rounds = activations != Activations.F32;
        products = new Pool<>(() -> new VectorMatmul(team, activations));
        slicedProducts = new Pool<>(() -> new SlicedMatmul(team, activations));
        PackedWeights weights = new PackedWeights(LargePages::allocate);
        int16Products = new Pool<>(() -> new Int16Matmul(team, weights));
        q8Products = new Pool<>(() -> new Q8Matmul(team, weights, activations == Activations.INT8));
        for (KvType type : KvType.values()) kv.put(type, CorrectedKvKernel.of(type, VectorKvKernel::new, VectorHadamard::turn));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Team team() {
        return team;
    }

    @Override
    public void matmul(Tensor weight, float[] x, int xOffset, int xStride, int n, float[] y, int yOffset, int yStride) {
        Shapes.check(weight, x, xOffset, xStride, n, y, yOffset, yStride);
        if (n <= 0) return;
        if (rounds && Int16Matmul.knows(weight)) {
            compute(int16Products, weight, x, xOffset, xStride, n, y, yOffset, yStride);
            return;
        }
        if (Q8Matmul.knows(weight)) {
            compute(q8Products, weight, x, xOffset, xStride, n, y, yOffset, yStride);
            return;
        }
        if (n >= SlicedMatmul.MANY) {
            compute(slicedProducts, weight, x, xOffset, xStride, n, y, yOffset, yStride);
            return;
        }
        compute(products, weight, x, xOffset, xStride, n, y, yOffset, yStride);
    }

    private static <T extends TeamMatmul> void compute(
            Pool<T> pool, Tensor weight, float[] x, int xOffset, int xStride, int n, float[] y, int yOffset, int yStride) {
        T product = pool.take();
        try {
            product.compute(weight, x, xOffset, xStride, n, y, yOffset, yStride);
        } finally {
            pool.give(product);
        }
    }

    @Override
    public void row(Tensor matrix, int row, float[] y, int yOffset) {
        VectorMatmul product = products.take();
        try {
            product.row(matrix, row, y, yOffset);
        } finally {
            products.give(product);
        }
    }

    @Override
    public float dot(float[] a, int aOffset, float[] b, int bOffset, int n) {
        FloatVector s0 = FloatVector.zero(F);
        FloatVector s1 = s0;
        int i = 0;
        for (; i <= n - 2 * L; i += 2 * L) {
            s0 = FloatVector.fromArray(F, a, aOffset + i).fma(FloatVector.fromArray(F, b, bOffset + i), s0);
            s1 = FloatVector.fromArray(F, a, aOffset + i + L).fma(FloatVector.fromArray(F, b, bOffset + i + L), s1);
        }
        for (; i < n; i += L) {
            VectorMask<Float> mask = F.indexInRange(i, n);
            s0 = FloatVector.fromArray(F, a, aOffset + i, mask)
                    .fma(FloatVector.fromArray(F, b, bOffset + i, mask), s0);
        }
        return Lanes.sum(s0.add(s1));
    }

    @Override
    public void addScaled(float factor, float[] x, int xOffset, float[] y, int yOffset, int n) {
        FloatVector factors = FloatVector.broadcast(F, factor);
        int whole = n / L * L;
        for (int i = 0; i < whole; i += L)
            FloatVector.fromArray(F, x, xOffset + i)
                    .fma(factors, FloatVector.fromArray(F, y, yOffset + i))
                    .intoArray(y, yOffset + i);
        for (int i = whole; i < n; i++) y[yOffset + i] = Math.fma(x[xOffset + i], factor, y[yOffset + i]);
    }

    @Override
    public void scale(float factor, float[] y, int yOffset, int n) {
        int whole = n / L * L;
        for (int i = 0; i < whole; i += L)
            FloatVector.fromArray(F, y, yOffset + i).mul(factor).intoArray(y, yOffset + i);
        for (int i = whole; i < n; i++) y[yOffset + i] *= factor;
    }

    @Override
    public void rmsNorm(float[] x, int xOffset, float[] weight, float epsilon, float[] y, int yOffset, int n) {
        float factor = (float) (1 / Math.sqrt((double) dot(x, xOffset, x, xOffset, n) / n + epsilon));
        boolean weighted = weight.length > 0;
        int whole = n / L * L;
        for (int i = 0; i < whole; i += L) {
            FloatVector v = FloatVector.fromArray(F, x, xOffset + i).mul(factor);
            if (weighted) v = v.mul(FloatVector.fromArray(F, weight, i));
            v.intoArray(y, yOffset + i);
        }
        for (int i = whole; i < n; i++) y[yOffset + i] = x[xOffset + i] * factor * (weighted ? weight[i] : 1);
    }

    @Override
    public void layerNorm(
            float[] x, int xOffset, float[] weight, float[] bias, float epsilon, float[] y, int yOffset, int n) {
        FloatVector sums = FloatVector.zero(F);
        for (int i = 0; i < n; i += L) sums = sums.add(FloatVector.fromArray(F, x, xOffset + i, F.indexInRange(i, n)));
        float mean = Lanes.sum(sums) / n;
        FloatVector squares = FloatVector.zero(F);
        for (int i = 0; i < n; i += L) {
            VectorMask<Float> mask = F.indexInRange(i, n);
            FloatVector v = FloatVector.fromArray(F, x, xOffset + i, mask).sub(mean);
            squares = squares.add(v.mul(v), mask);
        }
        float factor = (float) (1 / Math.sqrt((double) Lanes.sum(squares) / n + epsilon));
        int whole = n / L * L;
        for (int i = 0; i < whole; i += L) {
            FloatVector v = FloatVector.fromArray(F, x, xOffset + i).sub(mean).mul(factor);
            if (weight.length > 0) v = v.mul(FloatVector.fromArray(F, weight, i));
            if (bias.length > 0) v = v.add(FloatVector.fromArray(F, bias, i));
            v.intoArray(y, yOffset + i);
        }
        for (int i = whole; i < n; i++) {
            float normal = (x[xOffset + i] - mean) * factor * (weight.length > 0 ? weight[i] : 1);
            y[yOffset + i] = normal + (bias.length > 0 ? bias[i] : 0);
        }
    }

    @Override
    public float max(float[] x, int offset, int n) {
        FloatVector most = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
        int whole = n / L * L;
        for (int i = 0; i < whole; i += L) most = most.max(FloatVector.fromArray(F, x, offset + i));
        float max = most.reduceLanes(MAX);
        for (int i = whole; i < n; i++) max = Math.max(max, x[offset + i]);
        return max;
    }

    /** In one loop with masks, so that entries which are not there count as entries of no weight, bit for bit. */
    @Override
    public float expAndSum(float[] x, int offset, int n, float max) {
        FloatVector sums = FloatVector.zero(F);
        for (int i = 0; i < n; i += L) {
            VectorMask<Float> mask = F.indexInRange(i, n);
            FloatVector v = VectorMath.exp(FloatVector.fromArray(F, x, offset + i, mask).sub(max));
            sums = sums.add(v, mask);
            v.intoArray(x, offset + i, mask);
        }
        // Through memory: a vector handed over becomes an object where the compiler has inlined its fill.
        float[] scratch = chunk.get();
        sums.intoArray(scratch, 0);
        return Lanes.sum(scratch, 0);
    }

    @Override
    public void softmax(float[] x, int offset, int n) {
        float max = max(x, offset, n);
        if (max == Float.NEGATIVE_INFINITY) Arrays.fill(x, offset, offset + n, 0);
        else scale(1 / expAndSum(x, offset, n, max), x, offset, n);
    }

    @Override
    public void activate(Activation activation, float[] x, int xOffset, float[] y, int yOffset, int n) {
        float[] scratch = chunk.get();
        for (int from = 0; from < n; from += CHUNK) {
            int size = Math.min(CHUNK, n - from);
            activate(activation, x, xOffset + from, size, scratch);
            System.arraycopy(scratch, 0, y, yOffset + from, size);
        }
    }

    private static void activate(Activation activation, float[] x, int offset, int n, float[] scratch) {
        int padded = Lanes.padded(n);
        System.arraycopy(x, offset, scratch, 0, n);
        Arrays.fill(scratch, n, padded, 0);
        VectorActivations.apply(activation, scratch, padded);
    }

    @Override
    public void gate(
            Activation activation, float[] gate, int gateOffset, float[] up, int upOffset, float[] y, int yOffset, int n) {
        float[] scratch = chunk.get();
        for (int from = 0; from < n; from += CHUNK) {
            int size = Math.min(CHUNK, n - from);
            activate(activation, gate, gateOffset + from, size, scratch);
            multiply(scratch, up, upOffset + from, y, yOffset + from, size);
        }
    }

    private static void multiply(float[] a, float[] b, int bOffset, float[] y, int yOffset, int n) {
        int whole = n / L * L;
        for (int i = 0; i < whole; i += L)
            FloatVector.fromArray(F, a, i).mul(FloatVector.fromArray(F, b, bOffset + i)).intoArray(y, yOffset + i);
        for (int i = whole; i < n; i++) y[yOffset + i] = a[i] * b[bOffset + i];
    }

    @Override
    public KvKernel kv(KvType type) {
        return kv.get(type);
    }
}
