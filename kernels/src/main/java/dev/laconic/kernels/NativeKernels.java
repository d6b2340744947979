package dev.laconic.kernels;

import dev.laconic.core.tensor.Tensor;
import java.util.Optional;

/**
 * Native products of quantised weights with activations rounded to 8 bits, and native attention; all else as another
 * provider does it.
 */
final class NativeKernels implements Kernels {
    private final Kernels other;
    private final NativeLibrary library;
    private final int set;
    private final RotatedKvKernel.Turn hadamard;
    private final String name;
    private final Pool<NativeMatmul> products;

    NativeKernels(Kernels other, NativeLibrary library, int set, RotatedKvKernel.Turn hadamard) {
        this.other = other;
        this.library = library;
        this.set = set;
        this.hadamard = hadamard;
        name = "native-" + library.name(set) + "/int8, " + other.name();
        PackedWeights weights = new PackedWeights();
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
        if (n <= 0 || weight.elements() == 0 || library.panelBytes(weight.type().code(), weight.columns()) == 0) {
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

    @Override
    public void row(Tensor matrix, int row, float[] y, int yOffset) {
        other.row(matrix, row, y, yOffset);
    }

    @Override
    public float dot(float[] a, int aOffset, float[] b, int bOffset, int n) {
        return other.dot(a, aOffset, b, bOffset, n);
    }

    @Override
    public void addScaled(float factor, float[] x, int xOffset, float[] y, int yOffset, int n) {
        other.addScaled(factor, x, xOffset, y, yOffset, n);
    }

    @Override
    public void scale(float factor, float[] y, int yOffset, int n) {
        other.scale(factor, y, yOffset, n);
    }

    @Override
    public void rmsNorm(float[] x, int xOffset, float[] weight, float epsilon, float[] y, int yOffset, int n) {
        other.rmsNorm(x, xOffset, weight, epsilon, y, yOffset, n);
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
        other.gate(activation, gate, gateOffset, up, upOffset, y, yOffset, n);
    }

    @Override
    public KvKernel kv(KvType type) {
        return other.kv(type);
    }

    @Override
    public Optional<KvAttention> attention() {
        return Optional.of(new NativeAttention(library, set, hadamard));
    }
}
