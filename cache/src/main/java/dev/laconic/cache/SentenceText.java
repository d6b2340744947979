package dev.laconic.cache;

import dev.laconic.model.Sequence;
import dev.laconic.tokenize.Tokenizer;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Which sentence each position of a text belongs to. A sentence ends with a token that ends with one of {@code . ! ? 。 ！ ？ …},
 * spaces aside, or that has an empty line in it, and where a prompt ends.
 */
final class SentenceText {
    private static final String MARKS = ".!?。！？…";

    private final BitSet endTokens;
    private final BitSet promptEnds;
    private int[] sentences = {};
    private int known;

    private SentenceText(BitSet endTokens, BitSet promptEnds) {
        this.endTokens = endTokens;
        this.promptEnds = promptEnds;
    }

    /** @param endTokens the tokens that end sentences, see {@link #endTokens(Tokenizer)} */
    SentenceText(BitSet endTokens) {
        this(endTokens, new BitSet());
    }

    SentenceText copy() {
        SentenceText copy = new SentenceText(endTokens, (BitSet) promptEnds.clone());
        copy.sentences = sentences.clone();
        copy.known = known;
        return copy;
    }

    /** The tokens of a vocabulary that end sentences. */
    static BitSet endTokens(Tokenizer tokenizer) {
        BitSet ends = new BitSet();
        for (int id = 0; id < tokenizer.vocabularySize(); id++) {
            String text = tokenizer.decode(id);
            String spelt = text.strip();
            boolean mark = !spelt.isEmpty() && MARKS.indexOf(spelt.charAt(spelt.length() - 1)) >= 0;
            if (mark || text.contains("\n\n")) ends.set(id);
        }
        return ends;
    }

    /** Reads a sequence's tokens as far as it goes, the step under way included. */
    void read(Sequence sequence) {
        int length = sequence.length();
        if (sentences.length < length) sentences = Arrays.copyOf(sentences, 2 * length);
        for (; known < length; known++) sentences[known] = known == 0 ? 0 : after(sequence, known - 1);
    }

    /** The sentence that goes on after everything that was read. */
    int next(Sequence sequence) {
        return known == 0 ? 0 : after(sequence, known - 1);
    }

    private int after(Sequence sequence, int position) {
        int token = sequence.token(position);
        boolean ends = promptEnds.get(position) || token >= 0 && endTokens.get(token);
        return ends ? sentences[position] + 1 : sentences[position];
    }

    /** Says that a prompt ends with the last position read. */
    void promptEnds() {
        promptEnds.set(known - 1);
    }

    /** Forgets everything at {@code length} and after it. */
    void truncate(int length) {
        known = Math.min(known, length);
        promptEnds.clear(length, Math.max(length, promptEnds.length()));
    }

    /** The sentence of a position. */
    int sentence(int position) {
        return position < known ? sentences[position] : Integer.MAX_VALUE;
    }

    long bytes() {
        return (long) Integer.BYTES * sentences.length;
    }
}
