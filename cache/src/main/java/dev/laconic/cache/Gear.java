package dev.laconic.cache;

import dev.laconic.core.technique.Fidelity;
import dev.laconic.core.technique.Option;
import dev.laconic.core.technique.Stage;
import dev.laconic.core.technique.Technique;
import dev.laconic.kernels.KvType;

/**
 * Stores keys and values in few bits, and what that loses as a product of low rank and a few single elements.
 *
 * <p>Kang et al., GEAR: An Efficient KV Cache Compression Recipe for Near-Lossless Generative Inference of LLM, 2403.05527:
 * {@code X = D + L + S}. S holds the 2% of elements that lie farthest out, 1% at either end of a channel of keys and of an
 * entry of values; D is the rest in {@code bits} bits, per channel for keys and per entry for values, in groups of 32; L is
 * what they lose, at rank 2, by power iteration. The newest entries are a buffer of full precision. Departs from the paper:
 * S, D and L are made for each page of 64 entries, of the prompt as of the answer, with the rank that the paper has for the
 * answer (the prompt as one block has 4 there), and the buffer holds between {@code window} and {@code window + 63} entries.
 */
@Technique(
        id = "gear",
        stage = Stage.CACHE,
        fidelity = Fidelity.APPROXIMATE,
        title = "GEAR: An Efficient KV Cache Compression Recipe for Near-Lossless Generative Inference of LLM",
        paper = "2403.05527")
public record Gear(
        @Option(value = "2", min = 2, max = 4, help = "bits of an element: 2 or 4") int bits,
        @Option(value = "20", min = 0, help = "newest entries that stay as they are") int window,
        @Option(value = "prompt-end", help = "when the prompt's entries are quantised") When when)
        implements KvQuantiser {

    public Gear {
        if (bits != 2 && bits != 4) throw new IllegalArgumentException("bits: found " + bits + ", expected 2 or 4");
    }

    @Override
    public KvType keys() {
        return KvType.valueOf("GEAR_CHANNEL_" + bits);
    }

    @Override
    public KvType values() {
        return KvType.valueOf("GEAR_TOKEN_" + bits);
    }
}
