package dev.laconic.model.arch;

import dev.laconic.kernels.Activation;
import dev.laconic.model.load.HyperParameters;
import dev.laconic.model.load.Ropes;
import dev.laconic.model.load.Weights;

/** Refact: Llama with ALiBi in place of rotary positions. Baichuan's 13B model is the same, its 7B model is Llama. */
final class Refact {
    private static final int LAYERS_OF_BAICHUAN_13B = 40;

    private Refact() {}

    static Architecture build(Weights weights) {
        HyperParameters h = weights.parameters();
        return Transformer.decoder(weights)
                .layers(layer -> Parts.rmsLayer(
                        weights, layer,
                        Parts.attention(weights, layer).rope(Ropes.NONE).bias(Parts.alibi(h, layer, Parts.MAX_ALIBI_BIAS)),
                        Parts.gated(weights, layer, Activation.SILU)::apply))
                .outputNorm(weights.rmsNorm("output_norm", h.width()))
                .build();
    }

    static Architecture buildBaichuan(Weights weights) {
        return weights.parameters().layers() == LAYERS_OF_BAICHUAN_13B ? build(weights) : Llama.build(weights);
    }
}
