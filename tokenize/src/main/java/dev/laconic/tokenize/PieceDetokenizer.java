package dev.laconic.tokenize;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Objects;
import java.util.function.IntFunction;

/** Puts the bytes of tokens one behind the other. */
final class PieceDetokenizer implements Detokenizer {
    private final IntFunction<byte[]> pieces;
    private final byte[][] known;
    private final BitSet control;
    private final boolean stripFirstSpace;
    private final boolean cleanSpaces;

    /**
     * @param pieces the bytes of a token
     * @param control tokens that are left out unless special ones are asked for
     * @param stripFirstSpace the first token loses one leading space
     * @param cleanSpaces spaces before punctuation and contractions are taken out at the end
     */
    PieceDetokenizer(
            int size, IntFunction<byte[]> pieces, BitSet control, boolean stripFirstSpace, boolean cleanSpaces) {
        this.pieces = pieces;
        this.known = new byte[size][];
        this.control = control;
        this.stripFirstSpace = stripFirstSpace;
        this.cleanSpaces = cleanSpaces;
    }

    private byte[] piece(int id) {
        byte[] piece = known[Objects.checkIndex(id, known.length)];
        if (piece == null) known[id] = piece = pieces.apply(id);
        return piece;
    }

    @Override
    public byte[] bytes(int[] ids, boolean special) {
        byte[] out = new byte[ids.length * 4 + 16];
        int size = 0;
        for (int i = 0; i < ids.length; i++) {
            byte[] piece = piece(ids[i]);
            if (!special && control.get(ids[i])) continue;
            int from = stripFirstSpace && i == 0 && piece.length > 0 && piece[0] == ' ' ? 1 : 0;
            int length = piece.length - from;
            if (size + length > out.length) out = Arrays.copyOf(out, Math.max(out.length * 2, size + length));
            System.arraycopy(piece, from, out, size, length);
            size += length;
        }
        if (cleanSpaces) size = SpaceCleaner.clean(out, size);
        return Arrays.copyOf(out, size);
    }

    @Override
    public StreamingDecoder stream() {
        return new Stream();
    }

    private final class Stream implements StreamingDecoder {
        private final Utf8Assembler characters = new Utf8Assembler();
        private final StringBuilder uncleaned = new StringBuilder();
        private boolean first = true;

        @Override
        public void next(int id, StringBuilder out) {
            byte[] piece = piece(id);
            int from = stripFirstSpace && first && piece.length > 0 && piece[0] == ' ' ? 1 : 0;
            first = false;
            if (control.get(id)) return;
            characters.append(piece, from, piece.length);
            characters.drain(cleanSpaces ? uncleaned : out);
            if (cleanSpaces) give(SpaceCleaner.certain(uncleaned), out);
        }

        @Override
        public void finish(StringBuilder out) {
            characters.finish(cleanSpaces ? uncleaned : out);
            give(uncleaned.length(), out);
            first = true;
        }

        private void give(int length, StringBuilder out) {
            if (length == 0) return;
            out.append(SpaceCleaner.clean(uncleaned.substring(0, length)));
            uncleaned.delete(0, length);
        }
    }
}
