package dev.laconic.tokenize;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Objects;
import java.util.function.IntFunction;

/** Puts the bytes of tokens one behind the other. */
final class PieceDetokenizer implements Detokenizer {
    /** Which spaces at the beginning of a text go. */
    enum LeadingSpace {
        KEPT,
        /** That of the first token, whatever token that is. */
        OF_FIRST_TOKEN,
        /** The first, if nothing stands before it. */
        FIRST,
        /** One of each token, as long as nothing stands before it. */
        ALL
    }

    private final IntFunction<byte[]> pieces;
    private final byte[][] known;
    private final BitSet control;
    private final LeadingSpace leading;
    private final int untouched;
    private final boolean cleanSpaces;

    /**
     * @param pieces the bytes of a token
     * @param control tokens that are left out unless special ones are asked for
     * @param leading which spaces at the beginning go
     * @param untouched the token whose text keeps its spaces, or -1
     * @param cleanSpaces spaces before punctuation and contractions are taken out at the end
     */
    PieceDetokenizer(
            int size, IntFunction<byte[]> pieces, BitSet control, LeadingSpace leading, int untouched, boolean cleanSpaces) {
        this.pieces = pieces;
        this.known = new byte[size][];
        this.control = control;
        this.leading = leading;
        this.untouched = untouched;
        this.cleanSpaces = cleanSpaces;
    }

    private byte[] piece(int id) {
        byte[] piece = known[Objects.checkIndex(id, known.length)];
        if (piece == null) known[id] = piece = pieces.apply(id);
        return piece;
    }

    @Override
    public byte[] bytes(int[] ids, boolean special) {
        Stripper stripper = new Stripper();
        byte[] out = new byte[ids.length * 4 + 16];
        int size = 0;
        for (int id : ids) {
            byte[] piece = piece(id);
            boolean shown = special || !control.get(id);
            int from = stripper.start(id, piece, shown);
            if (!shown) continue;
            int length = piece.length - from;
            if (size + length > out.length) out = Arrays.copyOf(out, Math.max(out.length * 2, size + length));
            System.arraycopy(piece, from, out, size, length);
            size += length;
        }
        if (cleanSpaces) size = SpaceCleaner.clean(out, size);
        return Arrays.copyOf(out, size);
    }

    /** Says where the text of each token begins. */
    private final class Stripper {
        private boolean stripping = leading != LeadingSpace.KEPT;

        int start(int id, byte[] piece, boolean shown) {
            if (!stripping) return 0;
            boolean space = id != untouched && piece.length > 0 && piece[0] == ' ';
            boolean strip = shown && space;
            stripping = switch (leading) {
                case KEPT, OF_FIRST_TOKEN -> false;
                case FIRST -> !shown || piece.length == 0;
                case ALL -> !shown || piece.length <= (space ? 1 : 0);
            };
            return strip ? 1 : 0;
        }
    }

    @Override
    public StreamingDecoder stream() {
        return new Stream();
    }

    private final class Stream implements StreamingDecoder {
        private final Utf8Assembler characters = new Utf8Assembler();
        private final StringBuilder uncleaned = new StringBuilder();
        private Stripper stripper = new Stripper();

        @Override
        public void next(int id, StringBuilder out) {
            byte[] piece = piece(id);
            int from = stripper.start(id, piece, !control.get(id));
            if (control.get(id)) return;
            characters.append(piece, from, piece.length);
            characters.drain(cleanSpaces ? uncleaned : out);
            if (cleanSpaces) give(SpaceCleaner.certain(uncleaned), out);
        }

        @Override
        public void finish(StringBuilder out) {
            characters.finish(cleanSpaces ? uncleaned : out);
            give(uncleaned.length(), out);
            stripper = new Stripper();
        }

        private void give(int length, StringBuilder out) {
            if (length == 0) return;
            out.append(SpaceCleaner.clean(uncleaned.substring(0, length)));
            uncleaned.delete(0, length);
        }
    }
}
