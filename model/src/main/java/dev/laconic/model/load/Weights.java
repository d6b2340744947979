package dev.laconic.model.load;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.error.UnsupportedModelException;
import dev.laconic.core.tensor.Tensor;
import dev.laconic.core.tensor.TensorType;
import dev.laconic.format.ModelFile;
import dev.laconic.kernels.Activation;
import dev.laconic.kernels.Kernels;
import dev.laconic.kernels.Rope;
import dev.laconic.kernels.block.Blocks;
import dev.laconic.model.block.Linear;
import dev.laconic.model.block.Norm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A model file's tensors by GGUF name, each checked to have the shape its reader expects. */
public final class Weights {
    /** Metadata key by which a loader overrides the pairing of rotary positions. */
    public static final String ROPE_PAIRING_KEY = "laconic.rope.pairing";

    /** Metadata key by which a loader overrides the function of feed-forward layers. */
    public static final String ACTIVATION_KEY = "laconic.activation";

    private static final float[] NONE = {};

    private final ModelFile file;
    private final Kernels kernels;
    private final HyperParameters parameters;
    private final int context;
    /** Whether any matrix has a factor, and whether any has a bias: names of those that have none need not be looked up. */
    private final boolean scales;

    private final boolean biases;

    /**
     * @param context positions the model is to run at, where that chooses between two sets of rotary factors; empty for
     *     all it was trained for
     */
    public Weights(ModelFile file, Kernels kernels, Optional<Integer> context) {
        this.file = file;
        this.kernels = kernels;
        this.parameters = new HyperParameters(file.metadata());
        this.context = context.orElse(parameters.context());
        scales = hasAny(".scale");
        biases = hasAny(".bias");
    }

    private boolean hasAny(String suffix) {
        for (String name : file.tensors().keySet()) if (name.endsWith(suffix)) return true;
        return false;
    }

    /** Positions the model is to run at. */
    public int context() {
        return context;
    }

    public HyperParameters parameters() {
        return parameters;
    }

    /**
     * Which elements of a head rotary positions pair up: what is usual for the architecture, unless the file was mapped
     * from another format whose weights lie in the other order.
     */
    public Rope.Pairing pairing(Rope.Pairing usual) {
        return file.metadata().string(ROPE_PAIRING_KEY).map(Rope.Pairing::valueOf).orElse(usual);
    }

    /**
     * The function of the feed-forward layers: what is usual for the architecture in GGUF files, unless the file was
     * mapped from another format that names one.
     */
    public Activation activation(Activation usual) {
        return file.metadata().string(ACTIVATION_KEY).map(Activation::valueOf).orElse(usual);
    }

    public boolean has(String name) {
        return file.tensors().containsKey(name);
    }

    /** The name of a layer's tensor: {@code blk.3.attn_q}. */
    public static String layer(int layer, String name) {
        return "blk." + layer + "." + name;
    }

    /** A tensor of exactly this shape, outermost dimension first. */
    public Tensor tensor(String name, long... shape) {
        Optional<Tensor> tensor = file.tensor(name);
        if (tensor.isEmpty())
            throw new MalformedInputException(
                    source(), "tensor " + name, "nothing", "a tensor of shape " + Arrays.toString(shape));
        if (!has(tensor.get(), shape))
            throw new MalformedInputException(
                    source(), "tensor " + name, "shape " + tensor.get().shape(), "shape " + Arrays.toString(shape));
        return weight(tensor.get());
    }

    private static boolean has(Tensor tensor, long[] shape) {
        if (tensor.shape().size() != shape.length) return false;
        for (int i = 0; i < shape.length; i++) if (tensor.shape().get(i) != shape[i]) return false;
        return true;
    }

    private Tensor weight(Tensor tensor) {
        if (!Blocks.types().contains(tensor.type()))
            throw new UnsupportedModelException(source(), "type of tensor " + tensor.name(), tensor.type(),
                    Blocks.types().stream().map(TensorType::name).toList());
        return tensor;
    }

    /** A matrix with this many columns and any number of rows: the vocabulary's size is what its embedding says. */
    public Tensor embedding(String name, int width) {
        Tensor tensor = file.tensor(name)
                .orElseThrow(() -> new MalformedInputException(source(), "tensor " + name, "nothing", "a matrix"));
        if (tensor.shape().size() != 2 || tensor.columns() != width || tensor.rows() == 0)
            throw new MalformedInputException(source(), "tensor " + name, "shape " + tensor.shape(),
                    "a matrix with rows of " + width);
        return weight(tensor);
    }

    /** A vector decoded to float32. */
    public float[] vector(String name, int size) {
        Tensor tensor = tensor(name, size);
        float[] values = new float[size];
        kernels.vector(tensor, values);
        return values;
    }

    /** A vector, or an empty one where the file has none. */
    public float[] optionalVector(String name, int size) {
        return has(name) ? vector(name, size) : NONE;
    }

    /** A matrix decoded to float32, row by row. */
    public float[] matrix(String name, int rows, int columns) {
        Tensor tensor = tensor(name, rows, columns);
        float[] values = new float[Math.multiplyExact(rows, columns)];
        for (int row = 0; row < rows; row++) kernels.row(tensor, row, values, row * columns);
        return values;
    }

    /**
     * The matrix {@code name.weight} [outputs, inputs] with the factor {@code name.scale} and the bias {@code name.bias},
     * if there are any.
     */
    public Linear linear(String name, int outputs, int inputs) {
        float[] scale = scales ? optionalVector(name + ".scale", 1) : NONE;
        return new Linear(tensor(name + ".weight", outputs, inputs), scale.length == 0 ? 1f : scale[0],
                biases ? optionalVector(name + ".bias", outputs) : NONE);
    }

    public Optional<Linear> optionalLinear(String name, int outputs, int inputs) {
        return has(name + ".weight") ? Optional.of(linear(name, outputs, inputs)) : Optional.empty();
    }

    /** The stack {@code name.weight} [count, outputs, inputs] as one matrix each, with factors and biases if any. */
    public List<Linear> linears(String name, int count, int outputs, int inputs) {
        Tensor stack = tensor(name + ".weight", count, outputs, inputs);
        Optional<Tensor> biases =
                has(name + ".bias") ? Optional.of(tensor(name + ".bias", count, outputs)) : Optional.empty();
        float[] scales = optionalVector(name + ".scale", count);
        List<Linear> linears = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            float[] bias = NONE;
            if (biases.isPresent()) {
                bias = new float[outputs];
                kernels.row(biases.get(), i, bias, 0);
            }
            linears.add(new Linear(stack.slice(i), scales.length == 0 ? 1f : scales[i], bias));
        }
        return linears;
    }

    public Norm rmsNorm(String name, int size) {
        return Norm.rms(vector(name + ".weight", size), parameters.rmsEpsilon());
    }

    public Optional<Norm> optionalRmsNorm(String name, int size) {
        return has(name + ".weight") ? Optional.of(rmsNorm(name, size)) : Optional.empty();
    }

    public Norm layerNorm(String name, int size) {
        return Norm.layer(
                vector(name + ".weight", size), optionalVector(name + ".bias", size), parameters.layerNormEpsilon());
    }

    public Optional<Norm> optionalLayerNorm(String name, int size) {
        return has(name + ".weight") ? Optional.of(layerNorm(name, size)) : Optional.empty();
    }

    /** Layer norms of the heads, a weight [heads, size] with a row for each; none where the file has none. */
    public Optional<Norm> optionalHeadNorms(String name, int heads, int size) {
        if (!has(name + ".weight")) return Optional.empty();
        Tensor rows = tensor(name + ".weight", heads, size);
        float[][] weights = new float[heads][size];
        for (int head = 0; head < heads; head++) kernels.row(rows, head, weights[head], 0);
        return Optional.of(Norm.layerPerHead(weights, parameters.layerNormEpsilon()));
    }

    /** A matrix [1, inputs], which the file may hold as a vector. */
    public Linear rowLinear(String name, int inputs) {
        String weight = name + ".weight";
        boolean vector = file.tensor(weight).filter(tensor -> tensor.shape().size() == 1).isPresent();
        return new Linear(vector ? tensor(weight, inputs).reshape(1, inputs) : tensor(weight, 1, inputs), NONE);
    }

    public String source() {
        return file.metadata().source();
    }
}
