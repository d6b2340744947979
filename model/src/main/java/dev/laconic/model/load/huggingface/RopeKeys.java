package dev.laconic.model.load.huggingface;

import java.util.Optional;

/**
 * Rotary positions: {@code rope_theta} and {@code rope_scaling}, or the {@code rope_parameters} that hold both, either
 * for all layers or one set each for full and sliding attention.
 */
final class RopeKeys {
    private static final String[] BASE = {"rope_theta", "global_rope_theta", "rotary_emb_base"};
    private static final String[] LOCAL_BASE = {"rope_local_base_freq", "local_rope_theta"};
    private static final String[] SHARE = {"partial_rotary_factor", "rotary_pct", "rope_pct"};
    private static final String ORIGINAL = "original_max_position_embeddings";
    private static final double BETA_FAST = 32;
    private static final double BETA_SLOW = 1;

    private RopeKeys() {}

    static void describe(Config config, Description out) {
        Optional<Config> parameters = config.section("rope_parameters").or(() -> config.section("rope_scaling"));
        Optional<Config> local = parameters.flatMap(each -> each.section("sliding_attention"));
        Optional<Config> all = parameters.flatMap(each -> each.section("full_attention")).or(() -> parameters);
        double base = all.flatMap(each -> each.positive(BASE)).or(() -> config.positive(BASE)).orElse(10_000.0);
        out.put("rope.freq_base", base);
        local.flatMap(each -> each.positive(BASE))
                .or(() -> config.positive(LOCAL_BASE))
                .ifPresent(value -> out.put("rope.freq_base_swa", value));
        int dimension = dimension(config, all);
        out.put("rope.dimension_count", dimension);
        if (all.isPresent()) scale(config, all.get(), base, dimension, out);
    }

    private static int dimension(Config config, Optional<Config> parameters) {
        int head = Keys.headDimension(config);
        double share = parameters.flatMap(each -> each.positive(SHARE)).or(() -> config.positive(SHARE)).orElse(1.0);
        int dimension = (int) (head * share);
        if (share > 1 || dimension < 2 || dimension % 2 != 0)
            throw config.malformed(SHARE[0], share, "a share of the head size " + head + " that is even and at least 2");
        return dimension;
    }

    private static void scale(Config config, Config scaling, double base, int dimension, Description out) {
        String type = scaling.text("rope_type", "type").orElse("default");
        int trained = Keys.context(config).orElse(1);
        int original = scaling.integer(1, Integer.MAX_VALUE, ORIGINAL)
                .or(() -> config.integer(1, Integer.MAX_VALUE, ORIGINAL))
                .orElse(trained);
        switch (type) {
            case "default", "mrope" -> {}
            case "linear" -> out.put("rope.scaling.type", "linear").put("rope.scaling.factor", scaling.requirePositive("factor"));
            case "dynamic" ->
                out.put("rope.scaling.type", "dynamic")
                        .put("rope.scaling.factor", scaling.requirePositive("factor"))
                        .put("rope.scaling.original_context_length", original);
            case "yarn" -> yarn(scaling, original, trained, out);
            case "llama3" -> out.tensor("rope_freqs.weight", llama3(scaling, base, dimension, original));
            case "longrope", "su" -> longrope(scaling, original, trained, dimension, out);
            default ->
                throw scaling.unsupported("rope_type", type, "default", "dynamic", "linear", "llama3", "longrope", "yarn");
        }
    }

    private static void yarn(Config scaling, int original, int trained, Description out) {
        double factor = scaling.positive("factor").orElse((double) trained / original);
        double usual = magnitude(factor, 1);
        double magnitude = scaling.positive("attention_factor").orElseGet(() -> {
            Optional<Double> mscale = scaling.positive("mscale");
            Optional<Double> all = scaling.positive("mscale_all_dim");
            return mscale.isPresent() && all.isPresent()
                    ? magnitude(factor, mscale.get()) / magnitude(factor, all.get())
                    : usual;
        });
        scaling.require("truncate", true);
        out.put("rope.scaling.type", "yarn")
                .put("rope.scaling.factor", factor)
                .put("rope.scaling.original_context_length", original)
                .put("rope.scaling.attn_factor", magnitude / usual)
                .put("rope.scaling.yarn_beta_fast", scaling.positive("beta_fast").orElse(BETA_FAST))
                .put("rope.scaling.yarn_beta_slow", scaling.positive("beta_slow").orElse(BETA_SLOW));
    }

    private static double magnitude(double factor, double multiplier) {
        return factor <= 1 ? 1 : 0.1 * multiplier * Math.log(factor) + 1;
    }

    /** Divisors of the frequencies: 1 for fast pairs, the factor for slow ones, in between a mix. */
    private static float[] llama3(Config scaling, double base, int dimension, int original) {
        double factor = scaling.requirePositive("factor");
        double low = scaling.positive("low_freq_factor").orElse(1.0);
        double high = scaling.positive("high_freq_factor").orElse(4.0);
        if (high <= low) throw scaling.malformed("high_freq_factor", high, "a number above low_freq_factor, which is " + low);
        float[] divisors = new float[dimension / 2];
        for (int i = 0; i < divisors.length; i++) {
            double turns = original * Math.pow(base, -2.0 * i / dimension) / (2 * Math.PI);
            double mix = Math.clamp((turns - low) / (high - low), 0.0, 1.0);
            divisors[i] = (float) (1 / ((1 - mix) / factor + mix));
        }
        return divisors;
    }

    private static void longrope(Config scaling, int original, int trained, int dimension, Description out) {
        double ratio = (double) trained / original;
        double magnitude = scaling.positive("attention_factor")
                .orElse(ratio <= 1 ? 1 : Math.sqrt(1 + Math.log(ratio) / Math.log(original)));
        out.put("rope.scaling.type", "longrope")
                .put("rope.scaling.original_context_length", original)
                .put("rope.scaling.attn_factor", magnitude)
                .tensor("rope_factors_short.weight", factors(scaling, "short_factor", dimension))
                .tensor("rope_factors_long.weight", factors(scaling, "long_factor", dimension));
    }

    private static float[] factors(Config scaling, String name, int dimension) {
        float[] factors = scaling.numbers(name).orElseThrow(() -> scaling.missing(name, "an array of numbers"));
        if (factors.length != dimension / 2)
            throw scaling.malformed(name, factors.length + " numbers", dimension / 2 + ", one for each rotated pair");
        for (float factor : factors) if (factor <= 0) throw scaling.malformed(name, factor, "numbers above 0");
        return factors;
    }
}
