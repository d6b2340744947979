package dev.laconic.format.llama2c;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.error.UnsupportedModelException;
import dev.laconic.format.io.ByteReader;
import java.util.List;

/**
 * What the head of a llama2.c file says. The legacy layout is seven int32 and the weights in float32; the later ones
 * begin with a magic number and a version, and take 256 bytes in all.
 *
 * @param layout what follows the header
 * @param tied whether the output layer is the token embedding
 * @param groupSize elements that share a scale; only in {@link Layout#INT8}
 * @param bytes bytes of the header itself
 */
record Header(
        Layout layout,
        int dim,
        int hiddenDim,
        int layers,
        int heads,
        int kvHeads,
        int vocabulary,
        int contextLength,
        boolean tied,
        int groupSize,
        int bytes) {

    /** "ak42" as the tool that exports models writes it. */
    static final int MAGIC = 0x616b3432;

    private static final int LEGACY_BYTES = 28;
    private static final int VERSIONED_BYTES = 256;
    private static final int MAX_SIZE = 1 << 24;
    private static final int MAX_LAYERS = 1 << 10;
    private static final List<String> NAMES =
            List.of("dim", "hidden_dim", "n_layers", "n_heads", "n_kv_heads", "vocab_size", "seq_len");

    enum Layout {
        LEGACY,
        FLOAT32,
        INT8
    }

    int headSize() {
        return dim / heads;
    }

    int kvDim() {
        return headSize() * kvHeads;
    }

    static Header read(String source, ByteReader in) {
        int first = in.int32("header");
        return first == MAGIC ? versioned(source, in) : legacy(source, in, first);
    }

    private static Header legacy(String source, ByteReader in, int dim) {
        int[] sizes = sizes(in, dim);
        boolean tied = sizes[5] > 0;
        sizes[5] = Math.abs(sizes[5]);
        return checked(source, Layout.LEGACY, sizes, tied, 0, LEGACY_BYTES);
    }

    private static Header versioned(String source, ByteReader in) {
        int version = in.int32("version");
        if (version != 1 && version != 2)
            throw new UnsupportedModelException(source, "version", version, List.of("1", "2"));
        int[] sizes = sizes(in, in.int32("dim"));
        int tied = in.int8("shared classifier");
        if (tied != 0 && tied != 1) throw new MalformedInputException(source, "shared classifier", tied, "0 or 1");
        int groupSize = version == 2 ? in.int32("group size") : 0;
        if (version == 2 && (groupSize < 1 || groupSize > MAX_SIZE))
            throw new MalformedInputException(source, "group size", groupSize, "1 to " + MAX_SIZE);
        in.skip(VERSIONED_BYTES - in.position(), "header");
        Layout layout = version == 1 ? Layout.FLOAT32 : Layout.INT8;
        return checked(source, layout, sizes, tied == 1, groupSize, VERSIONED_BYTES);
    }

    private static int[] sizes(ByteReader in, int dim) {
        return new int[] {
            dim,
            in.int32("hidden_dim"),
            in.int32("n_layers"),
            in.int32("n_heads"),
            in.int32("n_kv_heads"),
            in.int32("vocab_size"),
            in.int32("seq_len")
        };
    }

    private static Header checked(String source, Layout layout, int[] sizes, boolean tied, int groupSize, int bytes) {
        for (int i = 0; i < sizes.length; i++) {
            int most = i == 2 ? MAX_LAYERS : MAX_SIZE;
            if (sizes[i] < 1 || sizes[i] > most)
                throw new MalformedInputException(source, NAMES.get(i), sizes[i], "1 to " + most);
        }
        Header header = new Header(
                layout, sizes[0], sizes[1], sizes[2], sizes[3], sizes[4], sizes[5], sizes[6], tied, groupSize, bytes);
        if (header.dim % (2 * header.heads) != 0)
            throw new MalformedInputException(
                    source, "n_heads", header.heads, "heads of even size from dim " + header.dim);
        if (header.heads % header.kvHeads != 0)
            throw new MalformedInputException(
                    source, "n_kv_heads", header.kvHeads, "a divisor of n_heads " + header.heads);
        return header;
    }
}
