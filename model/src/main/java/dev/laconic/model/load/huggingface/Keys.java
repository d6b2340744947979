package dev.laconic.model.load.huggingface;

import dev.laconic.kernels.Activation;
import dev.laconic.kernels.Rope;
import dev.laconic.model.load.Weights;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What nearly all configurations say, under the names they say it. */
final class Keys {
    static final String[] EXPERTS = {"num_local_experts", "num_experts", "n_routed_experts"};

    private static final String[] LAYERS = {"num_hidden_layers", "n_layer", "n_layers", "num_layers"};
    private static final String[] WIDTH = {"hidden_size", "n_embd", "n_embed", "d_model", "dim"};
    private static final String[] HEADS = {"num_attention_heads", "n_head", "n_heads", "num_heads"};
    private static final String[] KV_HEADS = {"num_key_value_heads", "num_kv_heads", "n_head_kv"};
    private static final String[] CONTEXT = {
        "max_position_embeddings", "n_positions", "n_ctx", "max_sequence_length", "max_seq_len", "seq_length"
    };
    private static final String[] INNER = {"intermediate_size", "n_inner", "ffn_dim", "hidden_dim", "ffn_hidden_size"};
    private static final String[] EXPERTS_USED = {"num_experts_per_tok", "moe_top_k"};
    private static final String[] RMS_EPSILON = {"rms_norm_eps", "norm_eps"};
    private static final String[] LAYER_EPSILON = {"layer_norm_eps", "layer_norm_epsilon", "norm_epsilon", "norm_eps"};

    private static final int MAX_LAYERS = 1024;
    private static final int MAX_WIDTH = 1 << 20;
    private static final int MAX_HEADS = 1 << 14;
    private static final int MAX_EXPERTS = 1 << 12;
    private static final int MAX_CONTEXT = 1 << 28;

    private static final Map<String, Activation> ACTIVATIONS = Map.ofEntries(
            Map.entry("silu", Activation.SILU),
            Map.entry("swish", Activation.SILU),
            Map.entry("swiglu", Activation.SILU),
            Map.entry("gelu", Activation.GELU),
            Map.entry("gelu_python", Activation.GELU),
            Map.entry("gelu_new", Activation.GELU_TANH),
            Map.entry("gelu_fast", Activation.GELU_TANH),
            Map.entry("gelu_accurate", Activation.GELU_TANH),
            Map.entry("gelu_pytorch_tanh", Activation.GELU_TANH),
            Map.entry("quick_gelu", Activation.GELU_QUICK),
            Map.entry("relu", Activation.RELU),
            Map.entry("relu2", Activation.RELU_SQUARED));

    private Keys() {}

    static int layers(Config config) {
        return config.requireInt(1, MAX_LAYERS, LAYERS);
    }

    static int width(Config config) {
        return config.requireInt(1, MAX_WIDTH, WIDTH);
    }

    static int heads(Config config) {
        return config.requireInt(1, MAX_HEADS, HEADS);
    }

    static int kvHeads(Config config) {
        int heads = heads(config);
        int kvHeads = config.integer(1, MAX_HEADS, KV_HEADS).orElse(heads);
        if (heads % kvHeads != 0)
            throw config.malformed(KV_HEADS[0], kvHeads, "a divisor of the " + heads + " query heads");
        return kvHeads;
    }

    static int headDimension(Config config) {
        return config.integer(1, MAX_WIDTH, "head_dim").orElseGet(() -> {
            int heads = heads(config);
            if (width(config) % heads != 0)
                throw config.malformed(HEADS[0], heads, "a divisor of the hidden size " + width(config));
            return width(config) / heads;
        });
    }

    static Optional<Integer> inner(Config config) {
        return config.integer(1, MAX_WIDTH, INNER);
    }

    static Optional<Integer> context(Config config) {
        return config.integer(1, MAX_CONTEXT, CONTEXT);
    }

    /** Sizes of a transformer: layers, widths, heads, context, experts, epsilons. */
    static void sizes(Config config, Description out) {
        out.put("block_count", layers(config));
        out.put("embedding_length", width(config));
        out.put("context_length", context(config)
                .orElseThrow(() -> config.missing(CONTEXT[0], "an integer from 1 to " + MAX_CONTEXT)));
        out.put("attention.head_count", heads(config));
        out.put("attention.head_count_kv", kvHeads(config));
        out.put("attention.key_length", headDimension(config));
        out.put("attention.value_length", headDimension(config));
        inner(config).ifPresent(size -> out.put("feed_forward_length", size));
        config.integer(1, Integer.MAX_VALUE, "vocab_size").ifPresent(size -> out.put("vocab_size", size));
    }

    static void rmsNorm(Config config, Description out) {
        out.put("attention.layer_norm_rms_epsilon", epsilon(config, RMS_EPSILON));
    }

    static void layerNorm(Config config, Description out) {
        out.put("attention.layer_norm_epsilon", epsilon(config, LAYER_EPSILON));
    }

    private static double epsilon(Config config, String... names) {
        double value = config.requirePositive(names);
        if (value > 1) throw config.malformed(names[0], value, "a number from 0 to 1");
        return value;
    }

    static void experts(Config config, Description out) {
        int experts = config.requireInt(1, MAX_EXPERTS, EXPERTS);
        out.put("expert_count", experts);
        out.put("expert_used_count", config.requireInt(1, experts, EXPERTS_USED));
    }

    /** The function of the feed-forward layers. */
    static void activation(Config config, Description out) {
        activation(config, out, "hidden_act", "hidden_activation", "activation_function", "activation");
    }

    static void activation(Config config, Description out, String... names) {
        String name = config.text(names).orElseThrow(() -> config.missing(names[0], "the name of an activation function"));
        activation(config, out, names[0], name);
    }

    static void activation(Config config, Description out, String field, String name) {
        Activation activation = ACTIVATIONS.get(name);
        if (activation == null)
            throw config.unsupported(field, name, ACTIVATIONS.keySet().stream().sorted().toArray(String[]::new));
        out.global(Weights.ACTIVATION_KEY, activation.name());
    }

    /** Rotary positions turn pairs half a head apart, where the architecture's GGUF files have neighbours. */
    static void halves(Config config, Description out) {
        out.global(Weights.ROPE_PAIRING_KEY, Rope.Pairing.HALVES.name());
    }

    /** One window for all layers, where there is one. */
    static void window(Config config, Description out) {
        config.integer(0, Integer.MAX_VALUE, "sliding_window").ifPresent(size -> out.put("attention.sliding_window", size));
    }

    /** A window, and by {@code layer_types} the layers that have it; false if the configuration does not list them. */
    static boolean windowByLayer(Config config, Description out) {
        List<String> types = config.texts("layer_types");
        if (types.isEmpty()) return false;
        int layers = layers(config);
        if (types.size() < layers)
            throw config.malformed("layer_types", types.size() + " entries", "one for each of " + layers + " layers");
        boolean[] sliding = new boolean[layers];
        boolean any = false;
        for (int layer = 0; layer < layers; layer++) {
            switch (types.get(layer)) {
                case "full_attention" -> {}
                case "sliding_attention" -> sliding[layer] = true;
                default -> throw config.unsupported("layer_types", types.get(layer), "full_attention", "sliding_attention");
            }
            any |= sliding[layer];
        }
        if (!any) return true;
        out.put("attention.sliding_window", config.requireInt(1, Integer.MAX_VALUE, "local_attention", "sliding_window"));
        out.put("attention.sliding_window_pattern", sliding);
        return true;
    }
}
