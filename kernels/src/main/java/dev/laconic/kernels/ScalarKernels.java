package dev.laconic.kernels;

import dev.laconic.core.tensor.Tensor;
import dev.laconic.kernels.KernelOptions.Activations;
import dev.laconic.kernels.block.BlockCodec;
import dev.laconic.kernels.block.Blocks;
import dev.laconic.kernels.block.QuantCodec;
import java.util.EnumMap;
import java.util.Map;

/**
 * The reference: one plain loop for each operation, sums in float64, every row by the same steps whatever else is
 * computed with it.
 */
final class ScalarKernels implements Kernels {
    private final String name;
    private final Team team;
    private final Activations activations;
    private final Map<KvType, KvKernel> kv = new EnumMap<>(KvType.class);
    private final Pool<Product> products = new Pool<>(Product::new);

    /** @param note added to the name: why this provider and no faster one */
    ScalarKernels(Team team, Activations activations, String note) {
        name = (activations == Activations.INT8 ? "scalar/int8" : "scalar") + note;
        this.team = team;
        this.activations = activations;
        for (KvType type : KvType.values()) kv.put(type, CorrectedKvKernel.of(type, ScalarKvKernel::new, Hadamard::turn));
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
        Product product = products.take();
        try {
            product.compute(weight, x, xOffset, xStride, n, y, yOffset, yStride);
        } finally {
            products.give(product);
        }
    }

    /** The arguments of one call and the scratch that its parts use. */
    private final class Product implements Team.Task {
        private final float[][] rows = new float[team.size()][0];
        private final Rounded[] rounded = new Rounded[team.size()];
        private final Unpacked[] unpacked = new Unpacked[team.size()];
        private Tensor weight;
        private float[] x;
        private int xOffset;
        private int xStride;
        private int n;
        private float[] y;
        private int yOffset;
        private int yStride;

        void compute(
                Tensor weight, float[] x, int xOffset, int xStride, int n, float[] y, int yOffset, int yStride) {
            this.weight = weight;
            this.x = x;
            this.xOffset = xOffset;
            this.xStride = xStride;
            this.n = n;
            this.y = y;
            this.yOffset = yOffset;
            this.yStride = yStride;
            team.run(this);
            this.weight = null;
            this.x = null;
            this.y = null;
        }

        @Override
        public void run(int part, int parts) {
            int from = (int) ((long) weight.rows() * part / parts);
            int to = (int) ((long) weight.rows() * (part + 1) / parts);
            BlockCodec codec = Blocks.codec(weight.type());
            if (activations == Activations.INT8 && codec instanceof QuantCodec quant) integer(quant, part, from, to);
            else decoded(codec, part, from, to);
        }

        private void decoded(BlockCodec codec, int part, int from, int to) {
            int columns = weight.columns();
            if (rows[part].length < columns) rows[part] = new float[columns];
            float[] row = rows[part];
            for (int i = from; i < to; i++) {
                codec.decode(weight.data(), i * weight.rowBytes(), columns, row, 0);
                for (int r = 0; r < n; r++) y[yOffset + r * yStride + i] = dot(row, 0, x, xOffset + r * xStride, columns);
            }
        }

        private void integer(QuantCodec codec, int part, int from, int to) {
            int columns = weight.columns();
            int block = Rounded.block(codec.type());
            if (rounded[part] == null) rounded[part] = new Rounded();
            if (unpacked[part] == null) unpacked[part] = new Unpacked();
            Rounded activation = rounded[part];
            Unpacked row = unpacked[part];
            row.reserve(columns, codec.group());
            for (int r = 0; r < n; r++) {
                activation.round(x, xOffset + r * xStride, columns, block);
                for (int i = from; i < to; i++) {
                    codec.unpack(
                            weight.data(), i * weight.rowBytes(), columns, row.quants, 0, row.scales, row.mins, 0);
                    y[yOffset + r * yStride + i] = activation.dot(codec, row, columns);
                }
            }
        }
    }

    @Override
    public float dot(float[] a, int aOffset, float[] b, int bOffset, int n) {
        double sum = 0;
        for (int i = 0; i < n; i++) sum += (double) a[aOffset + i] * b[bOffset + i];
        return (float) sum;
    }

    @Override
    public void rmsNorm(float[] x, int xOffset, float[] weight, float epsilon, float[] y, int yOffset, int n) {
        double squares = 0;
        for (int i = 0; i < n; i++) squares += (double) x[xOffset + i] * x[xOffset + i];
        float factor = (float) (1 / Math.sqrt(squares / n + epsilon));
        for (int i = 0; i < n; i++) y[yOffset + i] = x[xOffset + i] * factor * (weight.length == 0 ? 1 : weight[i]);
    }

    @Override
    public void layerNorm(
            float[] x, int xOffset, float[] weight, float[] bias, float epsilon, float[] y, int yOffset, int n) {
        double sum = 0;
        for (int i = 0; i < n; i++) sum += x[xOffset + i];
        double mean = sum / n;
        double squares = 0;
        for (int i = 0; i < n; i++) squares += (x[xOffset + i] - mean) * (x[xOffset + i] - mean);
        double factor = 1 / Math.sqrt(squares / n + epsilon);
        for (int i = 0; i < n; i++) {
            float normal = (float) ((x[xOffset + i] - mean) * factor);
            y[yOffset + i] = normal * (weight.length == 0 ? 1 : weight[i]) + (bias.length == 0 ? 0 : bias[i]);
        }
    }

    @Override
    public void softmax(float[] x, int offset, int n) {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < n; i++) max = Math.max(max, x[offset + i]);
        double sum = 0;
        for (int i = 0; i < n; i++) {
            float value = max == Float.NEGATIVE_INFINITY ? 0 : (float) Math.exp(x[offset + i] - max);
            x[offset + i] = value;
            sum += value;
        }
        if (sum != 0) for (int i = 0; i < n; i++) x[offset + i] = (float) (x[offset + i] / sum);
    }

    @Override
    public void activate(Activation activation, float[] x, int xOffset, float[] y, int yOffset, int n) {
        for (int i = 0; i < n; i++) y[yOffset + i] = (float) activation.apply(x[xOffset + i]);
    }

    @Override
    public void gate(
            Activation activation, float[] gate, int gateOffset, float[] up, int upOffset, float[] y, int yOffset, int n) {
        for (int i = 0; i < n; i++)
            y[yOffset + i] = (float) activation.apply(gate[gateOffset + i]) * up[upOffset + i];
    }

    @Override
    public KvKernel kv(KvType type) {
        return kv.get(type);
    }
}
