package dev.laconic.model.arch;

import dev.laconic.kernels.Activation;
import dev.laconic.kernels.Rope;
import dev.laconic.model.load.HyperParameters;
import dev.laconic.model.load.Ropes;
import dev.laconic.model.load.Weights;

/**
 * Gemma: embeddings scaled by the root of the width, GELU-gated feed-forward, heads of a size of their own. Files store
 * the norms' weights with the 1 added that the published code adds.
 */
final class Gemma {
    private Gemma() {}

    static Architecture build(Weights weights) {
        HyperParameters h = weights.parameters();
        Rope rope = Ropes.of(weights, weights.pairing(Rope.Pairing.HALVES));
        return Transformer.decoder(weights)
                .embeddingScale(embeddingScale(h))
                .layers(layer -> Parts.rmsLayer(
                        weights, layer, Parts.attention(weights, layer).rope(rope),
                        Parts.gated(weights, layer, Activation.GELU_TANH)::apply))
                .outputNorm(weights.rmsNorm("output_norm", h.width()))
                .build();
    }

    static float embeddingScale(HyperParameters h) {
        return (float) Math.sqrt(h.width());
    }
}
