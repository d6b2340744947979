package dev.laconic.model.arch;

import dev.laconic.model.Mask;
import dev.laconic.model.load.Weights;

/** Dream, a diffusion language model: Qwen 2 in which every token sees the whole text. */
final class Dream {
    private Dream() {}

    static Architecture build(Weights weights) {
        return Qwen2.decoder(weights).mask(Mask.BIDIRECTIONAL).build();
    }
}
