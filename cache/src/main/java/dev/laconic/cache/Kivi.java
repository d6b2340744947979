package dev.laconic.cache;

import dev.laconic.core.technique.Fidelity;
import dev.laconic.core.technique.Option;
import dev.laconic.core.technique.Stage;
import dev.laconic.core.technique.Technique;
import dev.laconic.kernels.KvType;

/**
 * Stores keys in few bits per channel and values in few bits per token; the newest entries stay as they are.
 *
 * <p>Liu et al., KIVI: A Tuning-Free Asymmetric 2bit Quantization for KV Cache, 2402.02750:
 * {@code code = round((x - min) / scale)}, {@code scale = (max - min) / (2^bits - 1)}, for keys over groups of 32 entries of
 * one channel and for values over groups of 32 channels of one entry; with {@code group} 64,
 * over 64 entries and over a whole vector of values. Departs from the paper: entries leave the window a page of 64 at a
 * time, values as well as keys, so that it holds between {@code window} and {@code window + 63} of them, while without a
 * window the end of the prompt is quantised whole; two-bit values in groups of 64 have a scale and minimum fitted to
 * their codes.
 */
@Technique(
        id = "kivi",
        stage = Stage.CACHE,
        fidelity = Fidelity.APPROXIMATE,
        title = "KIVI: A Tuning-Free Asymmetric 2bit Quantization for KV Cache",
        paper = "2402.02750")
public record Kivi(
        @Option(value = "2", min = 2, max = 8, help = "bits of an element: 2, 4 or 8") int bits,
        @Option(value = "0", min = 0, max = 8, help = "bits of a value's element; 0 for as many as a key's have") int valueBits,
        @Option(value = "128", min = 0, help = "newest entries that stay as they are") int window,
        @Option(value = "32", min = 32, max = 64, help = "elements that share a scale: 32, or 64") int group,
        @Option(value = "prompt-end", help = "when the prompt's entries are quantised") When when)
        implements KvQuantiser {

    public Kivi {
        Codecs.requireBits("bits", bits);
        if (valueBits == 0) valueBits = bits;
        Codecs.requireBits("value-bits", valueBits);
        if (group != 32 && group != 64) throw new IllegalArgumentException("group: found " + group + ", expected 32 or 64");
    }

    @Override
    public KvType keys() {
        return group == 64 ? Codecs.longChannel(bits) : Codecs.channel(bits);
    }

    @Override
    public KvType values() {
        return group == 64 ? Codecs.vector(valueBits) : Codecs.token(valueBits);
    }
}
