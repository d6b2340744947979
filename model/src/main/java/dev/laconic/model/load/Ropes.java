package dev.laconic.model.load;

import dev.laconic.core.error.UnsupportedModelException;
import dev.laconic.kernels.Rope;
import java.util.List;

/**
 * Rotary positions as a file's metadata describe them. All scalings reduce to one frequency per pair:
 *
 * <ul>
 *   <li>linear: {@code f / factor};
 *   <li>dynamic (NTK): the base grows with the context c the model runs at, beyond the c0 it was trained for, by
 *       {@code (factor c / c0 - (factor - 1))^(d / (d - 2))};
 *   <li>llama3 and longrope: {@code f / factors[i]} with factors given as a tensor, longrope's for the context the model
 *       runs at;
 *   <li>YaRN (Peng et al., 2309.00071): {@code f (1 - r) / factor + f r} with a ramp r from 1 for fast pairs to 0 for slow
 *       ones, and a magnitude of {@code 1 + 0.1 ln factor}.
 * </ul>
 *
 * <p>A factor divides the frequencies whatever the type, and {@code rope.scaling.attn_factor} multiplies the magnitude.
 */
public final class Ropes {
    private static final String DYNAMIC = "dynamic";
    private static final double YARN_BETA_FAST = 32;
    private static final double YARN_BETA_SLOW = 1;

    /** Turns nothing: for layers to which only distance matters, or not even that. */
    public static final Rope NONE = new Rope(Rope.Pairing.HALVES, new float[0], 1f);

    private Ropes() {}

    /** The rope of ordinary layers. */
    public static Rope of(Weights weights, Rope.Pairing pairing) {
        HyperParameters h = weights.parameters();
        return of(weights, pairing, h.ropeBase(), true);
    }

    /**
     * A rope with a base of its own.
     *
     * @param scaled whether the file's scaling applies; layers with a sliding window often go without
     */
    public static Rope of(Weights weights, Rope.Pairing pairing, double base, boolean scaled) {
        HyperParameters h = weights.parameters();
        int dimension = h.ropeDimension();
        double[] frequencies = new double[dimension / 2];
        double raised = scaled ? raised(weights, base, dimension) : base;
        for (int i = 0; i < frequencies.length; i++) frequencies[i] = Math.pow(raised, -2.0 * i / dimension);
        if (!scaled) return rope(pairing, frequencies, 1);
        float[] factors = factors(weights, frequencies.length);
        for (int i = 0; i < factors.length; i++) frequencies[i] /= factors[i];
        double factor = factor(h);
        double magnitude = h.positive("rope.scaling.attn_factor").orElse(1.0);
        String type = h.string("rope.scaling.type").orElse("linear");
        switch (type) {
            case "none", DYNAMIC -> {}
            case "linear", "longrope" -> divide(frequencies, factor);
            case "yarn" -> {
                double extrapolation = h.number("rope.scaling.yarn_ext_factor").filter(x -> x >= 0).orElse(1.0);
                if (extrapolation == 0) {
                    divide(frequencies, factor);
                } else {
                    yarn(h, frequencies, base, factor, extrapolation);
                    magnitude *= yarnMagnitude(h, factor);
                }
            }
            default ->
                throw new UnsupportedModelException(weights.source(), h.key("rope.scaling.type"), type,
                        List.of("none", "linear", DYNAMIC, "yarn", "longrope"));
        }
        return rope(pairing, frequencies, magnitude);
    }

    /** The base, which dynamic scaling raises where the model is to run at more positions than it was trained for. */
    private static double raised(Weights weights, double base, int dimension) {
        HyperParameters h = weights.parameters();
        if (h.string("rope.scaling.type").filter(DYNAMIC::equals).isEmpty() || dimension <= 2) return base;
        double original = h.positive("rope.scaling.original_context_length").orElse((double) h.context());
        double factor = factor(h);
        double stretch = Math.max(1, factor * weights.context() / original - (factor - 1));
        return base * Math.pow(stretch, dimension / (dimension - 2.0));
    }

    /** The scaling factor; files write 0 for none. */
    private static double factor(HyperParameters h) {
        String name = h.number("rope.scaling.factor").isPresent() ? "rope.scaling.factor" : "rope.scale_linear";
        return h.number(name).filter(value -> value == 0).map(_ -> 1.0).or(() -> h.positive(name)).orElse(1.0);
    }

    private static void divide(double[] frequencies, double factor) {
        for (int i = 0; i < frequencies.length; i++) frequencies[i] /= factor;
    }

    private static Rope rope(Rope.Pairing pairing, double[] frequencies, double magnitude) {
        float[] single = new float[frequencies.length];
        for (int i = 0; i < single.length; i++) single[i] = (float) frequencies[i];
        return new Rope(pairing, single, (float) magnitude);
    }

    /** Frequency divisors: llama3's, or longrope's for the context the model runs at. */
    private static float[] factors(Weights weights, int pairs) {
        if (weights.has("rope_freqs.weight")) return weights.vector("rope_freqs.weight", pairs);
        HyperParameters h = weights.parameters();
        if (!weights.has("rope_factors_short.weight")) return new float[0];
        int original = h.integer("rope.scaling.original_context_length", 1, Integer.MAX_VALUE).orElse(h.context());
        boolean extended = weights.context() > original;
        return weights.vector(extended ? "rope_factors_long.weight" : "rope_factors_short.weight", pairs);
    }

    private static void yarn(
            HyperParameters h, double[] frequencies, double base, double factor, double extrapolation) {
        int dimension = 2 * frequencies.length;
        double original = h.positive("rope.scaling.original_context_length").orElse((double) h.context());
        double fast = h.positive("rope.scaling.yarn_beta_fast").orElse(YARN_BETA_FAST);
        double slow = h.positive("rope.scaling.yarn_beta_slow").orElse(YARN_BETA_SLOW);
        double low = Math.max(0, Math.floor(pairWithTurns(fast, dimension, original, base)));
        double high = Math.min(dimension - 1, Math.ceil(pairWithTurns(slow, dimension, original, base)));
        for (int i = 0; i < frequencies.length; i++) {
            double ramp = 1 - Math.clamp((i - low) / Math.max(0.001, high - low), 0.0, 1.0);
            double mix = ramp * extrapolation;
            frequencies[i] = frequencies[i] / factor * (1 - mix) + frequencies[i] * mix;
        }
    }

    /** The pair that makes this many turns over the original context. */
    private static double pairWithTurns(double turns, int dimension, double context, double base) {
        return dimension * Math.log(context / (turns * 2 * Math.PI)) / (2 * Math.log(base));
    }

    private static double yarnMagnitude(HyperParameters h, double factor) {
        double multiplier = h.number("rope.scaling.yarn_log_multiplier").orElse(0.0);
        return multiplier == 0 ? mscale(factor, 1) : mscale(factor, 1) / mscale(factor, multiplier);
    }

    private static double mscale(double factor, double multiplier) {
        return factor <= 1 ? 1 : 0.1 * multiplier * Math.log(factor) + 1;
    }
}
