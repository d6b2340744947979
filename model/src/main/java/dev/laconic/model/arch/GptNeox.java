package dev.laconic.model.arch;

import dev.laconic.kernels.Activation;
import dev.laconic.kernels.Rope;
import dev.laconic.model.load.HyperParameters;
import dev.laconic.model.load.Ropes;
import dev.laconic.model.load.Weights;

/**
 * GPT-NeoX and Pythia: layer norms, rotary positions on part of a head, plain GELU feed-forward. Both branches read the
 * layer's input, each through a norm of its own, unless {@code use_parallel_residual} is false.
 */
final class GptNeox {
    private GptNeox() {}

    static Architecture build(Weights weights) {
        HyperParameters h = weights.parameters();
        Rope rope = Ropes.of(weights, weights.pairing(Rope.Pairing.HALVES));
        boolean parallel = h.bool("use_parallel_residual").orElse(true);
        return Transformer.decoder(weights)
                .layers(layer -> {
                    PreNormLayer sequential = Parts.layerNormLayer(
                            weights, layer, Parts.attention(weights, layer).rope(rope),
                            Parts.plain(weights, layer, Activation.GELU_TANH)::apply);
                    return parallel ? sequential.parallel() : sequential;
                })
                .outputNorm(weights.layerNorm("output_norm", h.width()))
                .build();
    }
}
