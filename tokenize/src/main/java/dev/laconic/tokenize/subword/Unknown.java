package dev.laconic.tokenize.subword;

import dev.laconic.tokenize.text.Text;
import java.util.OptionalInt;

/** What becomes of characters that a byte-pair vocabulary does not have. */
public abstract class Unknown {
    Unknown() {}

    /**
     * Such characters stay in their place and never merge. In the end each is looked up alone if it is ASCII, and dropped
     * otherwise.
     */
    public static Unknown dropped(SymbolTable symbols, int vocabularySize) {
        return new Kept() {
            @Override
            void emit(Text text, int from, int to, TokenSink out) {
                for (int i = from; i < to; i++) {
                    int id = text.charAt(i) < 0x80 ? symbols.find(text.chars(), i, i + 1) : SymbolTable.MISSING;
                    if (id >= 0 && id < vocabularySize) out.token(id, text, i, i + 1);
                }
            }
        };
    }

    /** Such characters stay in their place and never merge. In the end each becomes the tokens of its bytes. */
    public static Unknown bytes(ByteTokens bytes) {
        return new Kept() {
            @Override
            void emit(Text text, int from, int to, TokenSink out) {
                bytes.emit(text, from, to, out);
            }
        };
    }

    /**
     * Such characters become the tokens of their bytes before merging if all of these exist, else the unknown token, else
     * nothing.
     *
     * @param fused adjacent unknown characters become one unknown token
     */
    public static Unknown replaced(ByteTokens bytes, OptionalInt unknown, boolean fused) {
        return new Replaced(bytes, unknown, fused);
    }

    /** A copy for use by one thread. */
    Unknown working() {
        return this;
    }

    /** The character {@code [from, to)} is no symbol. */
    abstract void add(Text text, int from, int to, Merger merger);

    /** A known character follows, or the end of the piece. */
    void flush(Merger merger) {}

    /** After merging, the symbol that stands for {@code [from, to)} is no token. */
    abstract void emit(Text text, int from, int to, TokenSink out);

    private abstract static class Kept extends Unknown {
        @Override
        void add(Text text, int from, int to, Merger merger) {
            merger.add(SymbolTable.MISSING, from, to);
        }
    }

    private static final class Replaced extends Unknown {
        private final ByteTokens bytes;
        private final OptionalInt unknown;
        private final boolean fused;
        private int pendingFrom = -1;
        private int pendingTo;

        Replaced(ByteTokens bytes, OptionalInt unknown, boolean fused) {
            this.bytes = bytes;
            this.unknown = unknown;
            this.fused = fused;
        }

        @Override
        Unknown working() {
            return new Replaced(bytes, unknown, fused);
        }

        @Override
        void add(Text text, int from, int to, Merger merger) {
            if (bytes.addAll(text, from, to, merger) || unknown.isEmpty()) return;
            if (pendingFrom >= 0 && !fused) flush(merger);
            if (pendingFrom < 0) pendingFrom = from;
            pendingTo = to;
        }

        @Override
        void flush(Merger merger) {
            if (pendingFrom < 0) return;
            merger.add(unknown.getAsInt(), pendingFrom, pendingTo);
            pendingFrom = -1;
        }

        @Override
        void emit(Text text, int from, int to, TokenSink out) {
            throw new IllegalStateException("a merge leads to a symbol that is no token");
        }
    }
}
