package dev.laconic.model.arch;

import dev.laconic.kernels.Activation;
import dev.laconic.kernels.Rope;
import dev.laconic.model.load.Ropes;
import dev.laconic.model.load.Weights;

/**
 * Qwen 2 and 2.5: Llama with rotary positions on the halves of a head and biases on queries, keys and values. EXAONE 3
 * differs in name only, and Qwen 2 VL reads text like this.
 */
final class Qwen2 {
    private Qwen2() {}

    static Architecture build(Weights weights) {
        return decoder(weights).build();
    }

    static Transformer.Builder decoder(Weights weights) {
        Rope rope = Ropes.of(weights, weights.pairing(Rope.Pairing.HALVES));
        return Transformer.decoder(weights)
                .layers(layer -> Parts.rmsLayer(
                        weights, layer, Parts.attention(weights, layer).rope(rope),
                        Parts.gated(weights, layer, Activation.SILU)::apply))
                .outputNorm(weights.rmsNorm("output_norm", weights.parameters().width()));
    }
}
