package dev.laconic.model.arch;

import dev.laconic.model.load.HyperParameters;
import dev.laconic.model.load.Weights;

/**
 * Mistral 3 and Ministral: Llama whose queries grow with their position p, by
 * {@code 1 + temperature ln(1 + floor(p / original context))}.
 */
final class Mistral3 {
    private Mistral3() {}

    static Architecture build(Weights weights) {
        HyperParameters h = weights.parameters();
        double temperature = h.number("attention.temperature_scale").orElse(0.0);
        if (temperature == 0) return Llama.build(weights);
        int original = h.integer("rope.scaling.original_context_length", 1, Integer.MAX_VALUE).orElse(h.context());
        return Llama.build(weights, position -> (float) (Math.log(position / original + 1) * temperature + 1));
    }
}
