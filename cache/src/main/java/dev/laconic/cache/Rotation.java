package dev.laconic.cache;

import dev.laconic.core.technique.Fidelity;
import dev.laconic.core.technique.Option;
import dev.laconic.core.technique.Stage;
import dev.laconic.core.technique.Technique;
import dev.laconic.kernels.KvType;

/**
 * Turns keys and values by a Hadamard matrix, which spreads outliers over all channels, and stores them in few bits.
 *
 * <p>Ashkboos et al., QuaRot: Outlier-Free 4-Bit Inference in Rotated LLMs, 2404.00456, its treatment of the cache: with
 * the orthonormal H, {@code (H q) . (H k) = q . k} and {@code sum w v = H sum w (H v)}; each turned vector has one scale and
 * one minimum. Queries and sums are turned, entries stay as they are stored. Departs from the paper: no clipping (0.95
 * there), and entries are quantised a page of 64 at a time.
 */
@Technique(
        id = "rotation",
        stage = Stage.CACHE,
        fidelity = Fidelity.APPROXIMATE,
        title = "QuaRot: Outlier-Free 4-Bit Inference in Rotated LLMs",
        paper = "2404.00456")
public record Rotation(
        @Option(value = "4", min = 2, max = 8, help = "bits of an element: 2, 4 or 8") int bits,
        @Option(value = "0", min = 0, max = 8, help = "bits of a value's element; 0 for as many as a key's have") int valueBits,
        @Option(value = "0", min = 0, help = "newest entries that stay as they are") int window,
        @Option(value = "prompt-end", help = "when the prompt's entries are quantised") When when)
        implements KvQuantiser {

    public Rotation {
        Codecs.requireBits("bits", bits);
        if (valueBits == 0) valueBits = bits;
        Codecs.requireBits("value-bits", valueBits);
    }

    @Override
    public KvType keys() {
        return Codecs.rotated(bits);
    }

    @Override
    public KvType values() {
        return Codecs.rotated(valueBits);
    }
}
