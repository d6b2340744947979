package dev.laconic.kernels;

import dev.laconic.core.tensor.Tensor;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Native products of quantised weights with activations rounded to 8 bits, native attention, searches, gates and writers of
 * vectors in few bits, and whatever else most models need in every pass; all else as another provider does it. Plain loops take
 * Java's compilers longer than a first token takes, and the Vector API's operations are a hundred times slower until then.
 */
final class NativeKernels implements Kernels {
    private final Team team;
    private final Deferred<Kernels> other;
    private final NativeLibrary library;
    private final int set;
    private final PackedWeights weights;
    private final Pool<NativeMatmul> products;
    private final Map<KvType, KvKernel> kv = new ConcurrentHashMap<>();

    /** @param other the other provider over the same team, which is not made before it is needed */
    NativeKernels(Team team, Supplier<Kernels> other, NativeLibrary library, int set) {
        this.team = team;
        this.other = new Deferred<>(other);
        this.library = library;
        this.set = set;
        weights = new PackedWeights(library::allocate);
        products = new Pool<>(() -> new NativeMatmul(team, library, set, weights));
    }

    @Override
    public String name() {
        return own() + ", " + other.get().name();
    }

    @Override
    public String used() {
        return other.isMade() ? name() : own();
    }

    private String own() {
        return "native-" + library.name(set) + "/int8";
    }

    @Override
    public Team team() {
        return team;
    }

    @Override
    public void matmul(Tensor weight, float[] x, int xOffset, int xStride, int n, float[] y, int yOffset, int yStride) {
        if (n <= 0 || !packs(weight)) {
            other.get().matmul(weight, x, xOffset, xStride, n, y, yOffset, yStride);
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

    /** Matrices of one type that follow each other share the rounded activations, and the team meets once for them. */
    @Override
    public void matmul(Tensor[] matrices, float[] x, int xOffset, int xStride, int n, float[][] y) {
        for (int from = 0, to; from < matrices.length; from = to) {
            Tensor first = matrices[from];
            to = from + 1;
            if (n <= 0 || !packs(first)) {
                other.get().matmul(first, x, xOffset, xStride, n, y[from], 0, first.rows());
                continue;
            }
            while (to < matrices.length && matrices[to].type() == first.type()
                    && matrices[to].columns() == first.columns() && packs(matrices[to])) to++;
            for (int i = from; i < to; i++)
                Shapes.check(matrices[i], x, xOffset, xStride, n, y[i], 0, matrices[i].rows());
            NativeMatmul product = products.take();
            try {
                product.compute(matrices, from, to, x, xOffset, xStride, n, y);
            } finally {
                products.give(product);
            }
        }
    }

    private boolean packs(Tensor weight) {
        return weight.elements() > 0 && library.panelBytes(weight.type().code(), weight.columns()) > 0;
    }

    @Override
    public float dot(float[] a, int aOffset, float[] b, int bOffset, int n) {
        return other.get().dot(a, aOffset, b, bOffset, n);
    }

    @Override
    public void rmsNorm(float[] x, int xOffset, float[] weight, float epsilon, float[] y, int yOffset, int n) {
        Objects.checkFromIndexSize(xOffset, n, x.length);
        Objects.checkFromIndexSize(yOffset, n, y.length);
        if (weight.length > 0) Objects.checkFromIndexSize(0, n, weight.length);
        library.norm(set, x, xOffset, weight, epsilon, y, yOffset, n);
    }

    @Override
    public void addScaled(float factor, float[] x, int xOffset, float[] y, int yOffset, int n) {
        Objects.checkFromIndexSize(xOffset, n, x.length);
        Objects.checkFromIndexSize(yOffset, n, y.length);
        library.add(set, factor, x, xOffset, y, yOffset, n);
    }

    @Override
    public void scale(float factor, float[] y, int yOffset, int n) {
        Objects.checkFromIndexSize(yOffset, n, y.length);
        library.scale(set, factor, y, yOffset, n);
    }

    @Override
    public void rotate(Rope rope, float[] cos, float[] sin, int angles, float[] x, int offset, int vectors, int stride) {
        int pairs = rope.frequencies().length;
        Objects.checkFromIndexSize(angles, pairs, cos.length);
        Objects.checkFromIndexSize(angles, pairs, sin.length);
        if (vectors > 0)
            Objects.checkFromIndexSize(
                    offset, Math.addExact(Math.multiplyExact(vectors - 1, stride), 2 * pairs), x.length);
        boolean interleaved = rope.pairing() == Rope.Pairing.INTERLEAVED;
        library.turn(set, x, offset, vectors, stride, cos, sin, angles, pairs, interleaved);
    }

    @Override
    public void layerNorm(
            float[] x, int xOffset, float[] weight, float[] bias, float epsilon, float[] y, int yOffset, int n) {
        other.get().layerNorm(x, xOffset, weight, bias, epsilon, y, yOffset, n);
    }

    @Override
    public float max(float[] x, int offset, int n) {
        return other.get().max(x, offset, n);
    }

    @Override
    public float expAndSum(float[] x, int offset, int n, float max) {
        return other.get().expAndSum(x, offset, n, max);
    }

    @Override
    public void softmax(float[] x, int offset, int n) {
        other.get().softmax(x, offset, n);
    }

    @Override
    public void activate(Activation activation, float[] x, int xOffset, float[] y, int yOffset, int n) {
        other.get().activate(activation, x, xOffset, y, yOffset, n);
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
            other.get().gate(activation, gate, gateOffset, up, upOffset, y, yOffset, n);
            return;
        }
        Objects.checkFromIndexSize(gateOffset, n, gate.length);
        Objects.checkFromIndexSize(upOffset, n, up.length);
        Objects.checkFromIndexSize(yOffset, n, y.length);
        library.gate(set, kind, gate, gateOffset, up, upOffset, y, yOffset, n);
    }

    @Override
    public KvKernel kv(KvType type) {
        KvKernel kernel = kv.get(type);
        return kernel != null ? kernel : kv.computeIfAbsent(type, this::newKv);
    }

    private KvKernel newKv(KvType type) {
        if (type.paired()) return new PairedKvKernel(type, newKv(type.codes()));
        return NativeKvKernel.knows(type)
                ? new NativeKvKernel(type, () -> other.get().kv(type), library, set)
                : other.get().kv(type);
    }

    @Override
    public Optional<KvAttention> attention() {
        return Optional.of(new NativeAttention(library, set));
    }

    @Override
    public KvSearch search() {
        return new NativeKvSearch(library, set, this);
    }

    @Override
    public Top top() {
        return new NativeTop(library, set);
    }
}
