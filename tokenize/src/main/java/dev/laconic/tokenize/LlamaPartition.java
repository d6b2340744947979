package dev.laconic.tokenize;

import dev.laconic.tokenize.subword.SymbolTable;
import dev.laconic.tokenize.text.Trie;
import dev.laconic.tokenize.text.CharClass;
import dev.laconic.tokenize.text.Text;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Takes tokens out of a text the way llama.cpp does: the longest first, wherever it stands, then the next longest in what
 * is left.
 */
final class LlamaPartition implements Partition {
    private static final BitSet NOTHING = new BitSet();

    private final SymbolTable symbols;
    private final int[] ordered;
    private final BitSet onlyParsed;
    private final BitSet stripLeft;
    private final BitSet stripRight;
    private final Trie trie = new Trie(64);

    /**
     * @param ids tokens to take out
     * @param onlyParsed those of them that are taken out only if special tokens are parsed
     * @param stripLeft tokens that swallow the ASCII white space before them
     * @param stripRight tokens that swallow the ASCII white space behind them
     */
    LlamaPartition(SymbolTable symbols, List<Integer> ids, BitSet onlyParsed, BitSet stripLeft, BitSet stripRight) {
        this.symbols = symbols;
        this.onlyParsed = onlyParsed;
        this.stripLeft = stripLeft;
        this.stripRight = stripRight;
        List<Integer> sorted = new ArrayList<>(ids);
        sorted.sort(this::compare);
        ordered = new int[sorted.size()];
        for (int i = 0; i < ordered.length; i++) {
            ordered[i] = sorted.get(i);
            trie.add(symbols.string(ordered[i]), i);
        }
    }

    /** The longest first, by bytes, then by number. */
    private int compare(int a, int b) {
        int byLength = Integer.compare(bytes(b), bytes(a));
        return byLength != 0 ? byLength : Integer.compare(a, b);
    }

    private int bytes(int id) {
        return symbols.string(id).getBytes(StandardCharsets.UTF_8).length;
    }

    @Override
    public void split(Text text, boolean parseSpecial, Parts out) {
        int n = text.length();
        if (n == 0) return;
        BitSet present = present(text, parseSpecial);
        if (present == NOTHING) {
            out.text(0, n);
            return;
        }
        Fragments fragments = new Fragments();
        fragments.add(-1, 0, n);
        for (int order = present.nextSetBit(0); order >= 0; order = present.nextSetBit(order + 1))
            fragments = takeOut(text, ordered[order], fragments);
        for (int i = 0; i < fragments.size; i++) {
            if (fragments.ids[i] < 0) out.text(fragments.starts[i], fragments.ends[i]);
            else out.token(fragments.ids[i], fragments.starts[i], fragments.ends[i]);
        }
    }

    /** Which tokens, by their place in the order, occur anywhere. */
    private BitSet present(Text text, boolean parseSpecial) {
        BitSet present = NOTHING;
        int n = text.length();
        for (int i = 0; i < n; i++) {
            if (!trie.begins(text.charAt(i))) continue;
            int node = Trie.ROOT;
            for (int j = i; j < n; j++) {
                node = trie.step(node, text.charAt(j));
                if (node == Trie.NONE) break;
                int order = trie.value(node);
                if (order == Trie.NONE || !parseSpecial && onlyParsed.get(ordered[order])) continue;
                if (present == NOTHING) present = new BitSet();
                present.set(order);
            }
        }
        return present;
    }

    private Fragments takeOut(Text text, int id, Fragments in) {
        Fragments out = new Fragments();
        for (int i = 0; i < in.size; i++) {
            int from = in.starts[i];
            int to = in.ends[i];
            if (in.ids[i] >= 0) {
                out.add(in.ids[i], from, to);
                continue;
            }
            while (from < to) {
                int match = indexOf(text, id, from, to);
                if (match < 0) break;
                int end = match + symbols.length(id);
                int left = match;
                if (stripLeft.get(id)) while (left > from && isAsciiSpace(text.charAt(left - 1))) left--;
                if (left > from) out.add(-1, from, left);
                out.add(id, match, end);
                if (stripRight.get(id)) while (end < to && isAsciiSpace(text.charAt(end))) end++;
                from = end;
            }
            if (from < to) out.add(-1, from, to);
        }
        return out;
    }

    private int indexOf(Text text, int id, int from, int to) {
        int length = symbols.length(id);
        char first = symbols.charAt(id, 0);
        for (int i = from; i <= to - length; i++) {
            if (text.charAt(i) != first) continue;
            int k = 1;
            while (k < length && text.charAt(i + k) == symbols.charAt(id, k)) k++;
            if (k == length) return i;
        }
        return -1;
    }

    private static boolean isAsciiSpace(char c) {
        return c < 0x80 && CharClass.isWhitespace(c);
    }

    private static final class Fragments {
        private int[] ids = new int[8];
        private int[] starts = new int[8];
        private int[] ends = new int[8];
        private int size;

        void add(int id, int start, int end) {
            if (size == ids.length) {
                ids = Arrays.copyOf(ids, size * 2);
                starts = Arrays.copyOf(starts, size * 2);
                ends = Arrays.copyOf(ends, size * 2);
            }
            ids[size] = id;
            starts[size] = start;
            ends[size++] = end;
        }
    }
}
