package dev.laconic.tokenize.subword;

import dev.laconic.tokenize.text.CharClass;
import dev.laconic.tokenize.text.PieceSink;
import dev.laconic.tokenize.text.Text;
import java.util.Optional;

/**
 * Byte-pair encoding by merge rank (Sennrich et al., 2016): a piece starts as its characters, and the adjacent pair of
 * lowest rank merges until none is left.
 *
 * <p>Symbols numbered below the vocabulary's size are tokens; the others only occur on the way.
 */
public final class Bpe implements SubwordModel {
    private static final byte WHOLE = 1;
    private static final byte CUT = 2;
    /** Shorter pieces are merged in one go. */
    private static final int CUT_FROM = 24;

    private final SymbolTable symbols;
    private final int vocabularySize;
    private final MergeTable merges;
    private final boolean ignoreMerges;
    private final Unknown unknown;
    private final Optional<Affixes> affixes;
    private final int[] characters;
    private final Adjacency adjacent;
    /** Whether merging the characters of a token gives the token: found out once per token, by any thread. */
    private final byte[] known;

    /** Strings that mark a character's place in its piece in the vocabulary's spelling. */
    public record Affixes(String continuingPrefix, String endSuffix) {}

    /**
     * @param symbols tokens first, then the strings that occur in merges only
     * @param vocabularySize how many symbols are tokens
     * @param ignoreMerges a piece that is a token is that token, whatever the merges say
     * @param unknown what becomes of characters that are no token
     */
    public Bpe(
            SymbolTable symbols,
            int vocabularySize,
            MergeTable merges,
            boolean ignoreMerges,
            Unknown unknown,
            Optional<Affixes> affixes) {
        this.adjacent = merges.adjacency(symbols);
        this.symbols = symbols;
        this.vocabularySize = vocabularySize;
        this.merges = merges;
        this.ignoreMerges = ignoreMerges;
        this.unknown = unknown;
        this.affixes = affixes;
        this.known = new byte[vocabularySize];
        this.characters = characters(symbols);
    }

    private static int[] characters(SymbolTable symbols) {
        int[] ids = new int[0x180];
        for (char c = 0; c < ids.length; c++) ids[c] = symbols.find(new char[] {c}, 0, 1);
        return ids;
    }

    @Override
    public PieceSink open(TokenSink out) {
        return new Run(out);
    }

    private final class Run implements PieceSink {
        private final TokenSink out;
        private final Merger merger = new Merger(merges);
        private final Unknown unknown = Bpe.this.unknown.working();
        private char[] spelling = new char[16];

        Run(TokenSink out) {
            this.out = out;
        }

        @Override
        public void piece(Text text, int from, int to) {
            int whole = affixes.isEmpty() || ignoreMerges ? symbols.find(text.chars(), from, to) : SymbolTable.MISSING;
            if (whole >= vocabularySize) whole = SymbolTable.MISSING;
            if (whole >= 0 && (ignoreMerges || known[whole] == WHOLE)) {
                out.token(whole, text, from, to);
                return;
            }
            merger.clear();
            boolean cuttable = affixes.isEmpty() && to - from > CUT_FROM;
            boolean plain = false;
            for (int i = from, next; i < to; i = next) {
                next = i + CharClass.width(text.chars(), i, to);
                int symbol = affixes.isEmpty() ? symbol(text.chars(), i, next) : affixed(text, i, next, from, to);
                if (symbol == SymbolTable.MISSING) unknown.add(text, i, next, merger);
                else {
                    unknown.flush(merger);
                    boolean apart = cuttable
                            && merger.size > 0
                            && merger.ends[merger.size - 1] == i
                            && plain
                            && !adjacent.isPossible(text.charAt(i - 1), text.charAt(i));
                    if (apart) {
                        merger.merge();
                        emit(text);
                        merger.clear();
                    }
                    merger.add(symbol, i, next);
                }
                plain = symbol != SymbolTable.MISSING;
            }
            unknown.flush(merger);
            merger.merge();
            if (whole >= 0 && known[whole] == 0 && !cuttable)
                known[whole] = merger.size == 1 && merger.symbols[0] == whole ? WHOLE : CUT;
            emit(text);
        }

        private void emit(Text text) {
            for (int i = 0; i < merger.size; i++) {
                int symbol = merger.symbols[i];
                if (symbol >= 0 && symbol < vocabularySize) out.token(symbol, text, merger.starts[i], merger.ends[i]);
                else unknown.emit(text, merger.starts[i], merger.ends[i], out);
            }
        }

        private int symbol(char[] chars, int from, int to) {
            return chars[from] < characters.length ? characters[chars[from]] : symbols.find(chars, from, to);
        }

        private int affixed(Text text, int i, int next, int from, int to) {
            String prefix = i > from ? affixes.get().continuingPrefix() : "";
            String suffix = next == to ? affixes.get().endSuffix() : "";
            int length = prefix.length() + next - i + suffix.length();
            if (spelling.length < length) spelling = new char[length];
            prefix.getChars(0, prefix.length(), spelling, 0);
            System.arraycopy(text.chars(), i, spelling, prefix.length(), next - i);
            suffix.getChars(0, suffix.length(), spelling, prefix.length() + next - i);
            return symbols.find(spelling, 0, length);
        }
    }
}
