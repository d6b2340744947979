package dev.laconic.model.arch;

import dev.laconic.kernels.Activation;
import dev.laconic.kernels.Rope;
import dev.laconic.model.load.Ropes;
import dev.laconic.model.load.Weights;

/** SmolLM3: Llama in which every fourth layer has no positions. */
final class SmolLm3 {
    private static final int PERIOD = 4;

    private SmolLm3() {}

    static Architecture build(Weights weights) {
        Rope rope = Ropes.of(weights, weights.pairing(Rope.Pairing.INTERLEAVED));
        return Transformer.decoder(weights)
                .layers(layer -> Parts.rmsLayer(
                        weights, layer,
                        Parts.attention(weights, layer).rope((layer + 1) % PERIOD == 0 ? Ropes.NONE : rope),
                        Parts.gated(weights, layer, Activation.SILU)::apply))
                .outputNorm(weights.rmsNorm("output_norm", weights.parameters().width()))
                .build();
    }
}
