package dev.laconic.model.load;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.format.Metadata;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The sizes of a transformer, read and checked from a file's metadata; the keys are GGUF's, below the architecture's
 * name. What only one architecture knows is read by that architecture.
 */
public final class HyperParameters {
    private static final int MAX_LAYERS = 1024;
    private static final int MAX_WIDTH = 1 << 20;
    private static final int MAX_HEADS = 1 << 14;
    private static final int MAX_EXPERTS = 1 << 12;
    private static final int MAX_CONTEXT = 1 << 28;
    private static final double DEFAULT_ROPE_BASE = 10_000;

    private final Metadata metadata;
    private final String architecture;
    /** Full keys by their names, which are put together once: layers ask for the same ones. */
    private final Map<String, String> keys = new ConcurrentHashMap<>();
    private final int layers;
    private final int width;
    private final int context;
    private final int[] heads;
    private final int[] kvHeads;
    private final int[] feedForward;
    private final int keyDimension;
    private final int valueDimension;
    private final int ropeDimension;
    private final int experts;
    private final int expertsUsed;

    public HyperParameters(Metadata metadata) {
        this.metadata = metadata;
        architecture = metadata.requireString("general.architecture");
        int blocks = requireInt("block_count", 1, MAX_LAYERS);
        layers = blocks - integer("nextn_predict_layers", 0, blocks - 1).orElse(0);
        width = requireInt("embedding_length", 1, MAX_WIDTH);
        context = integer("context_length", 1, MAX_CONTEXT)
                .orElseThrow(() -> new MalformedInputException(
                        metadata.source(), key("context_length"), "nothing", "a positive integer"));
        heads = perLayer("attention.head_count", 0, MAX_HEADS).orElseThrow(() -> missing("attention.head_count"));
        kvHeads = perLayer("attention.head_count_kv", 0, MAX_HEADS).orElse(heads);
        feedForward = perLayer("feed_forward_length", 0, MAX_WIDTH).orElseGet(() -> new int[layers]);
        int mostHeads = mostHeads();
        if (mostHeads == 0) throw malformed("attention.head_count", 0, "a positive integer");
        keyDimension = integer("attention.key_length", 1, MAX_WIDTH).orElseGet(() -> evenShare(mostHeads));
        valueDimension = integer("attention.value_length", 1, MAX_WIDTH).orElseGet(() -> evenShare(mostHeads));
        for (int layer = 0; layer < layers; layer++) checkHeads(layer);
        ropeDimension = integer("rope.dimension_count", 0, MAX_WIDTH).orElse(keyDimension);
        if (ropeDimension > keyDimension || ropeDimension % 2 != 0)
            throw malformed("rope.dimension_count", ropeDimension, "an even number up to the head size " + keyDimension);
        experts = integer("expert_count", 0, MAX_EXPERTS).orElse(0);
        expertsUsed = integer("expert_used_count", 0, MAX_EXPERTS).orElse(0);
        if (expertsUsed > experts || experts > 0 && expertsUsed == 0)
            throw malformed("expert_used_count", expertsUsed, "1 to expert_count, which is " + experts);
    }

    private int mostHeads() {
        int most = 0;
        for (int each : heads) most = Math.max(most, each);
        return most;
    }

    private int evenShare(int mostHeads) {
        if (width % mostHeads != 0)
            throw malformed("attention.head_count", mostHeads, "a divisor of the embedding length " + width);
        return width / mostHeads;
    }

    private void checkHeads(int layer) {
        if ((long) heads[layer] * Math.max(keyDimension, valueDimension) > MAX_WIDTH)
            throw malformed("attention.head_count", heads[layer], "at most " + MAX_WIDTH + " elements in all heads of size "
                    + Math.max(keyDimension, valueDimension));
        if (kvHeads[layer] > 0 && (heads[layer] == 0 || heads[layer] % kvHeads[layer] != 0))
            throw malformed("attention.head_count_kv", kvHeads[layer],
                    "a divisor of the layer's head count " + heads[layer]);
    }

    public Metadata metadata() {
        return metadata;
    }

    public String architecture() {
        return architecture;
    }

    /** Layers every token passes; further layers that only predict tokens ahead do not count. */
    public int layers() {
        return layers;
    }

    /** Elements of the residual stream. */
    public int width() {
        return width;
    }

    /** Positions the model was trained for. */
    public int context() {
        return context;
    }

    /** Query heads of a layer; an attention layer has at least one. */
    public int heads(int layer) {
        if (heads[layer] == 0) throw malformed("attention.head_count", 0, "a positive integer for layer " + layer);
        return heads[layer];
    }

    /** KV heads of a layer; an attention layer has at least one. */
    public int kvHeads(int layer) {
        if (kvHeads[layer] == 0) throw malformed("attention.head_count_kv", 0, "a positive integer for layer " + layer);
        return kvHeads[layer];
    }

    /** Whether a layer has attention at all. */
    public boolean hasAttention(int layer) {
        return kvHeads[layer] > 0;
    }

    /** Inner size of a layer's feed-forward part. */
    public int feedForward(int layer) {
        if (feedForward[layer] == 0) throw missing("feed_forward_length");
        return feedForward[layer];
    }

    public int keyDimension() {
        return keyDimension;
    }

    public int valueDimension() {
        return valueDimension;
    }

    /** Leading elements of a head that rotary positions turn. */
    public int ropeDimension() {
        return ropeDimension;
    }

    public double ropeBase() {
        return positive("rope.freq_base").orElse(DEFAULT_ROPE_BASE);
    }

    public int experts() {
        return experts;
    }

    public int expertsUsed() {
        return expertsUsed;
    }

    /** Inner size of a layer's experts: the dense size shared out among them where the file does not say. */
    public int expertFeedForward(int layer) {
        return integer("expert_feed_forward_length", 0, MAX_WIDTH)
                .filter(size -> size > 0)
                .orElseGet(() -> feedForward(layer) / Math.max(1, expertsUsed));
    }

    /** Inner size of the expert that all tokens pass. */
    public Optional<Integer> sharedExpertFeedForward() {
        return integer("expert_shared_feed_forward_length", 0, MAX_WIDTH).filter(size -> size > 0);
    }

    /** Limit of queries, keys and values; 0 for none. */
    public float clamp() {
        return limit("attention.clamp_kqv").orElse(0f);
    }

    /** A soft cap; 0 for none. */
    public Optional<Float> softcap(String name) {
        return limit(name);
    }

    private Optional<Float> limit(String name) {
        return number(name).map(value -> {
            if (value < 0) throw malformed(name, value, "a number of at least 0");
            return value.floatValue();
        });
    }

    public float rmsEpsilon() {
        return epsilon("attention.layer_norm_rms_epsilon");
    }

    public float layerNormEpsilon() {
        return epsilon("attention.layer_norm_epsilon");
    }

    /** Positions of the sliding window; 0 for none. */
    public int window() {
        return integer("attention.sliding_window", 0, Integer.MAX_VALUE).orElse(0);
    }

    private float epsilon(String name) {
        double value = number(name).orElseThrow(() -> missing(name));
        if (value < 0 || value > 1) throw malformed(name, value, "a number from 0 to 1");
        return (float) value;
    }

    /** The full metadata key of a hyper-parameter. */
    public String key(String name) {
        return keys.computeIfAbsent(name, each -> architecture + "." + each);
    }

    public int requireInt(String name, int min, int max) {
        return metadata.requireInt(key(name), min, max);
    }

    public Optional<Integer> integer(String name, int min, int max) {
        return metadata.integer(key(name), min, max);
    }

    public Optional<Double> number(String name) {
        return metadata.number(key(name));
    }

    /** A number above zero. */
    public Optional<Double> positive(String name) {
        return number(name).map(value -> {
            if (value <= 0) throw malformed(name, value, "a number above 0");
            return value;
        });
    }

    public Optional<Boolean> bool(String name) {
        return metadata.bool(key(name));
    }

    public Optional<String> string(String name) {
        return metadata.string(key(name));
    }

    /** One integer for all layers, or one for each. */
    public Optional<int[]> perLayer(String name, int min, int max) {
        if (metadata.asMap().get(key(name)) instanceof long[] values) {
            if (values.length < layers) throw malformed(name, values.length + " values", "one for each of " + layers + " layers");
            int[] checked = new int[layers];
            for (int layer = 0; layer < layers; layer++) {
                if (values[layer] < min || values[layer] > max)
                    throw malformed(name, values[layer], "integers from " + min + " to " + max);
                checked[layer] = (int) values[layer];
            }
            return Optional.of(checked);
        }
        return integer(name, min, max).map(value -> {
            int[] same = new int[layers];
            Arrays.fill(same, value);
            return same;
        });
    }

    /**
     * Which layers attend through a sliding window: {@code attention.sliding_window_pattern} says so for each layer, or is
     * a period p of which all layers but one slide; with 0 all do.
     *
     * @param usual the period where the file has none
     * @param fullFirst whether the period's full layer is its first, else its last
     */
    public boolean[] slidingLayers(int usual, boolean fullFirst) {
        String name = "attention.sliding_window_pattern";
        boolean[] sliding = new boolean[layers];
        switch (metadata.asMap().get(key(name))) {
            case boolean[] flags -> {
                if (flags.length < layers)
                    throw malformed(name, flags.length + " values", "one for each of " + layers + " layers");
                System.arraycopy(flags, 0, sliding, 0, layers);
            }
            case long[] _ -> {
                int[] flags = perLayer(name, 0, 1).orElseThrow();
                for (int layer = 0; layer < layers; layer++) sliding[layer] = flags[layer] == 1;
            }
            case null, default -> {
                int period = integer(name, 0, Integer.MAX_VALUE).orElse(usual);
                for (int layer = 0; layer < layers; layer++)
                    sliding[layer] = period == 0 || layer % period != (fullFirst ? 0 : period - 1);
            }
        }
        return sliding;
    }

    public MalformedInputException malformed(String name, Object found, String expected) {
        return new MalformedInputException(metadata.source(), key(name), found, expected);
    }

    private MalformedInputException missing(String name) {
        return malformed(name, "nothing", "a positive number");
    }
}
