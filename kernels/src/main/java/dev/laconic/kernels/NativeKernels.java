package dev.laconic.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.laconic.core.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Native products of quantised weights with activations rounded to 8 bits, native attention, searches, gates and writers of
 * vectors in few bits; all else as another provider does it. What every forward pass needs is plain loops at most: the Vector
 * API's operations are a hundred times slower until they have been compiled, which is later than the first token.
 */
final class NativeKernels implements Kernels {
    private static final int CHUNK = 4096;

    private final Kernels other;
    private final NativeLibrary library;
    private final int set;
    private final String name;
    private final PackedWeights weights;
    private final Pool<NativeMatmul> products;
    private final Map<KvType, KvKernel> kv = new EnumMap<>(KvType.class);
    /** A chunk of gates, then one of what they are multiplied with. */
    private final ThreadLocal<MemorySegment> scratch =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(8L * CHUNK, 64));

    NativeKernels(Kernels other, NativeLibrary library, int set) {
        this.other = other;
        this.library = library;
        this.set = set;
        name = "native-" + library.name(set) + "/int8, " + other.name();
        for (KvType type : KvType.values())
            kv.put(type, type.paired()
                    ? new PairedKvKernel(type, NativeKvKernel.of(other.kv(type.codes()), library, set))
                    : NativeKvKernel.of(other.kv(type), library, set));
        weights = new PackedWeights(library::allocate);
        products = new Pool<>(() -> new NativeMatmul(other.team(), library, set, weights));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Team team() {
        return other.team();
    }

    @Override
    public void matmul(Tensor weight, float[] x, int xOffset, int xStride, int n, float[] y, int yOffset, int yStride) {
        if (n <= 0 || !packs(weight)) {
            other.matmul(weight, x, xOffset, xStride, n, y, yOffset, yStride);
            return;
        }
        Shapes.check(weight, x, xOffset, xStride, n, y, yOffset, yStride);
        NativeMatmul product = products.take();
        try {
            product.compute(weight, x, xOffset, xStride, n, y, yOffset, yStride);
        } finally {
            products.give(product);
        }
    }

    private boolean packs(Tensor weight) {
        return weight.elements() > 0 && library.panelBytes(weight.type().code(), weight.columns()) > 0;
    }

    @Override
    public Preparation prepare(List<Tensor> matrices) {
        List<Tensor> packed = new ArrayList<>();
        for (Tensor matrix : matrices) if (packs(matrix) && matrix.data().isNative()) packed.add(matrix);
        return packed.isEmpty() || team().size() == 1 ? Preparation.NONE : WeightPacker.start(library, weights, packed);
    }

    @Override
    public float dot(float[] a, int aOffset, float[] b, int bOffset, int n) {
        return other.dot(a, aOffset, b, bOffset, n);
    }

    @Override
    public void rmsNorm(float[] x, int xOffset, float[] weight, float epsilon, float[] y, int yOffset, int n) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        int i = 0;
        for (; i + 4 <= n; i += 4) {
            int at = xOffset + i;
            s0 += (double) x[at] * x[at];
            s1 += (double) x[at + 1] * x[at + 1];
            s2 += (double) x[at + 2] * x[at + 2];
            s3 += (double) x[at + 3] * x[at + 3];
        }
        for (; i < n; i++) s0 += (double) x[xOffset + i] * x[xOffset + i];
        float factor = (float) (1 / Math.sqrt((s0 + s1 + s2 + s3) / n + epsilon));
        if (weight.length == 0) for (i = 0; i < n; i++) y[yOffset + i] = x[xOffset + i] * factor;
        else for (i = 0; i < n; i++) y[yOffset + i] = x[xOffset + i] * factor * weight[i];
    }

    @Override
    public void layerNorm(
            float[] x, int xOffset, float[] weight, float[] bias, float epsilon, float[] y, int yOffset, int n) {
        other.layerNorm(x, xOffset, weight, bias, epsilon, y, yOffset, n);
    }

    @Override
    public float max(float[] x, int offset, int n) {
        return other.max(x, offset, n);
    }

    @Override
    public float expAndSum(float[] x, int offset, int n, float max) {
        return other.expAndSum(x, offset, n, max);
    }

    @Override
    public void softmax(float[] x, int offset, int n) {
        other.softmax(x, offset, n);
    }

    @Override
    public void activate(Activation activation, float[] x, int xOffset, float[] y, int yOffset, int n) {
        other.activate(activation, x, xOffset, y, yOffset, n);
    }

    @Override
    public void gate(
            Activation activation, float[] gate, int gateOffset, float[] up, int upOffset, float[] y, int yOffset, int n) {
        int kind =
                switch (activation) {
                    case SILU -> 0;
                    case GELU_TANH -> 1;
                    case GELU_QUICK -> 2;
                    default -> -1;
                };
        if (kind < 0) {
            other.gate(activation, gate, gateOffset, up, upOffset, y, yOffset, n);
            return;
        }
        MemorySegment here = scratch.get();
        for (int from = 0; from < n; from += CHUNK) {
            int size = Math.min(CHUNK, n - from);
            MemorySegment.copy(gate, gateOffset + from, here, JAVA_FLOAT, 0, size);
            MemorySegment.copy(up, upOffset + from, here, JAVA_FLOAT, 4L * CHUNK, size);
            library.gate(set, kind, here.address(), here.address() + 4L * CHUNK, size);
            MemorySegment.copy(here, JAVA_FLOAT, 0, y, yOffset + from, size);
        }
    }

    @Override
    public KvKernel kv(KvType type) {
        return kv.get(type);
    }

    @Override
    public Optional<KvAttention> attention() {
        return Optional.of(new NativeAttention(library, set));
    }

    @Override
    public KvSearch search() {
        return new NativeKvSearch(library, set, other);
    }

    @Override
    public Top top() {
        return new NativeTop(library, set);
    }
}
