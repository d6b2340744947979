package dev.laconic.model.arch;

import dev.laconic.kernels.Activation;
import dev.laconic.kernels.Rope;
import dev.laconic.model.block.Norm;
import dev.laconic.model.load.HyperParameters;
import dev.laconic.model.load.Ropes;
import dev.laconic.model.load.Weights;

/**
 * Falcon: layer norms, rotary positions, plain GELU feed-forward beside attention. The 40B layout has a norm
 * {@code attn_norm_2} for attention, whereas the 7B layout shares {@code attn_norm}.
 */
final class Falcon {
    private Falcon() {}

    static Architecture build(Weights weights) {
        HyperParameters h = weights.parameters();
        Rope rope = Ropes.of(weights, weights.pairing(Rope.Pairing.HALVES));
        return Transformer.decoder(weights)
                .layers(layer -> {
                    Norm shared = Parts.layerNorm(weights, layer, "attn_norm");
                    return new ParallelLayer(
                            weights.optionalLayerNorm(Weights.layer(layer, "attn_norm_2"), h.width()).orElse(shared),
                            Parts.attention(weights, layer).rope(rope).build(),
                            shared,
                            Parts.plain(weights, layer, Activation.GELU_TANH)::apply);
                })
                .outputNorm(weights.layerNorm("output_norm", h.width()))
                .build();
    }
}
