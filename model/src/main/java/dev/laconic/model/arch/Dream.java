package dev.laconic.model.arch;

import dev.laconic.model.Mask;
import dev.laconic.model.block.SelfAttention;
import dev.laconic.model.load.Weights;

/**
 * Diffusion language models, in which every token sees the whole text: Dream is Qwen 2, LLaDA is Llama or OLMoE with
 * heads normalised one by one.
 */
final class Dream {
    private Dream() {}

    static Architecture build(Weights weights) {
        return Qwen2.decoder(weights).mask(Mask.BIDIRECTIONAL).build();
    }

    static Architecture buildLlada(Weights weights) {
        return Llama.decoder(weights, SelfAttention.QueryScale.ONE).mask(Mask.BIDIRECTIONAL).build();
    }

    static Architecture buildLladaMoe(Weights weights) {
        return Qwen3.decoder(weights, false).mask(Mask.BIDIRECTIONAL).build();
    }
}
