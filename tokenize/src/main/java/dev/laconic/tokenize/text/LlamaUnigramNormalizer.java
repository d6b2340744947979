package dev.laconic.tokenize.text;

import java.util.Optional;

/**
 * What llama.cpp does to a text before a unigram model: compiled rules, spaces spelt U+2581, one put before the text, runs
 * of them merged.
 *
 * @param rules the compiled rules
 * @param kept strings that no rule touches
 * @param addSpace one space is put before the first word
 * @param mergeSpaces every word gets one space before it, whatever stood there
 */
public record LlamaUnigramNormalizer(Optional<CharsMap> rules, Trie kept, boolean addSpace, boolean mergeSpaces)
        implements Normalizer {
    private static final char SPACE = '▁';

    @Override
    public void normalize(Text in, int from, int to, Text out) {
        Writer writer = new Writer(out);
        char[] chars = in.chars();
        for (int i = from, next; i < to; i = next) {
            int length = kept.longest(chars, i, to);
            long match = length > 0 || rules.isEmpty() ? -1 : rules.get().match(chars, i, to, false);
            if (match >= 0) {
                next = i + (int) (match >>> 32);
                String replacement = rules.get().replacement(match);
                for (int k = 0; k < replacement.length(); k++)
                    writer.add(replacement.charAt(k), in.start(i), in.end(next - 1));
            } else {
                next = i + (length > 0 ? length : CharClass.width(chars, i, to));
                for (int k = i; k < next; k++) writer.add(chars[k], in.start(k), in.end(k));
            }
        }
    }

    private final class Writer {
        private final Text out;
        private boolean inWord;
        private boolean prefixed = !addSpace;

        Writer(Text out) {
            this.out = out;
        }

        void add(char c, int start, int end) {
            if (c == ' ') {
                inWord = false;
                if (!mergeSpaces) out.append(SPACE, start, end);
                return;
            }
            if (!inWord && (!prefixed || mergeSpaces)) {
                out.append(SPACE, start, start);
                prefixed = true;
            }
            inWord = true;
            out.append(c, start, end);
        }
    }
}
