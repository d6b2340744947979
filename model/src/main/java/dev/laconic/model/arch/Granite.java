package dev.laconic.model.arch;

import dev.laconic.kernels.Activation;
import dev.laconic.kernels.Rope;
import dev.laconic.model.block.MixtureOfExperts;
import dev.laconic.model.block.MixtureOfExperts.Gating;
import dev.laconic.model.load.HyperParameters;
import dev.laconic.model.load.Ropes;
import dev.laconic.model.load.Weights;
import java.util.Optional;

/**
 * Granite 3, dense or of experts, and MiniCPM: Llama with factors on embeddings, on what each branch adds, and a divisor
 * of the logits. Granite files may also set the factor on scores and switch rotary positions off.
 */
final class Granite {
    private static final double MINICPM_EMBEDDING_SCALE = 12;
    private static final double MINICPM_DEPTH_SCALE = 1.4;
    private static final double MINICPM_BASE_WIDTH = 256;

    private Granite() {}

    static Architecture build(Weights weights) {
        HyperParameters h = weights.parameters();
        double logitDivisor = h.positive("logit_scale")
                .orElseThrow(() -> h.malformed("logit_scale", "nothing", "a number above 0"));
        return decoder(weights, 1, 1, logitDivisor).build();
    }

    static Architecture buildMiniCpm(Weights weights) {
        HyperParameters h = weights.parameters();
        return decoder(weights, MINICPM_EMBEDDING_SCALE, MINICPM_DEPTH_SCALE / Math.sqrt(h.layers()),
                        h.positive("logit_scale").orElse(MINICPM_BASE_WIDTH / h.width()))
                .build();
    }

    private static Transformer.Builder decoder(
            Weights weights, double usualEmbeddingScale, double usualResidualScale, double logitDivisor) {
        HyperParameters h = weights.parameters();
        Rope rope = h.bool("rope.scaling.finetuned").orElse(true)
                ? Ropes.of(weights, weights.pairing(Rope.Pairing.INTERLEAVED))
                : Ropes.NONE;
        float residualScale = factor(h, "residual_scale", usualResidualScale);
        float scale = factor(h, "attention.scale", 1 / Math.sqrt(h.keyDimension()));
        return Transformer.decoder(weights)
                .embeddingScale(factor(h, "embedding_scale", usualEmbeddingScale))
                .layers(layer -> new PreNormLayer(
                        Parts.rms(weights, layer, "attn_norm"),
                        Parts.attention(weights, layer).rope(rope).scale(scale).build(),
                        Parts.rms(weights, layer, "ffn_norm"),
                        feedForward(weights, layer),
                        residualScale))
                .outputNorm(weights.rmsNorm("output_norm", h.width()))
                .logitScale((float) (1 / logitDivisor));
    }

    /** A factor that files write as 0 where they have none. */
    private static float factor(HyperParameters h, String name, double usual) {
        return h.number(name).filter(value -> value != 0).orElse(usual).floatValue();
    }

    private static PreNormLayer.Branch feedForward(Weights weights, int layer) {
        HyperParameters h = weights.parameters();
        if (h.experts() == 0) return Parts.gated(weights, layer, Activation.SILU)::apply;
        Optional<MixtureOfExperts.Shared> shared = h.sharedExpertFeedForward()
                .map(inner -> Parts.shared(weights, layer, inner));
        return Parts.mixture(
                weights, layer, h.feedForward(layer), Parts.routing(h, Gating.SOFTMAX, true), shared)::apply;
    }
}
