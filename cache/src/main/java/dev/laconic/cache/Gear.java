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
 * {@code X = D + L + S}. S holds the elements that lie farthest out, 1% at either end of a channel of keys and of an entry of
 * values, D the rest in {@code bits} bits, per channel for keys and per entry for values, and L what they lose at rank 2, by
 * three rounds of power iteration; {@code parts} leaves out S (GEAR-L, whose L may have rank 1) or L (GEAR-S). Values may have
 * bits of their own, and L and S be left to them, where keys have bits enough. The newest entries are a buffer of
 * full precision. Departs from the paper: S, D and L are made for each head and page of 64 entries, of the prompt
 * as of the answer, where the prompt is one block there; so S takes one element at either end of up to 149, 3% of 64, where
 * the paper has 2% of a whole channel or of an entry's heads together; L has the rank of the answer's blocks, where the
 * prompt has 4; D has groups of a channel's 64 entries and of an entry's whole head, where the paper has 64 of either for 2
 * bits and whole channels and entries for 4; two-bit values have a scale and minimum fitted to their codes, where the paper
 * takes them from the largest and smallest; and the buffer holds between {@code window} and {@code window + 63} entries.
 */
@Technique(
        id = "gear",
        stage = Stage.CACHE,
        fidelity = Fidelity.APPROXIMATE,
        title = "GEAR: An Efficient KV Cache Compression Recipe for Near-Lossless Generative Inference of LLM",
        paper = "2403.05527")
public record Gear(
        @Option(value = "2", min = 2, max = 4, help = "bits of an element: 2 or 4") int bits,
        @Option(value = "0", min = 0, max = 4, help = "bits of a value's element; 0 for as many as a key's have") int valueBits,
        @Option(value = "all", help = "what is kept of that which the bits lose: all, low-rank, rank-one or sparse") Parts parts,
        @Option(value = "both", help = "of what that is kept: both keys and values, or values alone") Of of,
        @Option(value = "0", min = 0, help = "newest entries that stay as they are, beside a page that is not full") int window,
        @Option(value = "prompt-end", help = "when the prompt's entries are quantised") When when)
        implements KvQuantiser {

    /** What stands beside D. */
    public enum Parts {
        ALL("GEAR_"),
        LOW_RANK("GEAR_L_"),
        RANK_ONE("GEAR_L1_"),
        SPARSE("GEAR_S_");

        private final String types;

        Parts(String types) {
            this.types = types;
        }
    }

    /** What is corrected. */
    public enum Of {
        BOTH,
        VALUES
    }

    public Gear {
        requireBits("bits", bits);
        if (valueBits == 0) valueBits = bits;
        requireBits("value-bits", valueBits);
    }

    private static void requireBits(String option, int bits) {
        if (bits != 2 && bits != 4) throw new IllegalArgumentException(option + ": found " + bits + ", expected 2 or 4");
    }

    @Override
    public KvType keys() {
        return of == Of.VALUES ? Codecs.longChannel(bits) : KvType.valueOf(parts.types + "CHANNEL_" + bits);
    }

    @Override
    public KvType values() {
        return KvType.valueOf(parts.types + "TOKEN_" + valueBits);
    }
}
