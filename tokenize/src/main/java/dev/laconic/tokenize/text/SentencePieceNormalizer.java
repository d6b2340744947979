package dev.laconic.tokenize.text;

import java.util.Optional;

/**
 * What SentencePiece does to a text before it cuts it.
 *
 * @param rules the compiled rules
 * @param kept strings that no rule touches
 * @param addSpace one space is put before the text
 * @param suffixSpace that one space is put behind it instead
 * @param mergeSpaces runs of spaces become one, those at the ends none
 * @param space how a space is spelt
 */
public record SentencePieceNormalizer(
        Optional<CharsMap> rules, Trie kept, boolean addSpace, boolean suffixSpace, boolean mergeSpaces, char space)
        implements Normalizer {

    @Override
    public void normalize(Text in, int from, int to, Text out) {
        char[] chars = in.chars();
        boolean begun = false;
        boolean afterSpace = mergeSpaces;
        for (int i = from, next; i < to; i = next) {
            int length = kept.longest(chars, i, to);
            long match = length > 0 || rules.isEmpty() ? -1 : rules.get().match(chars, i, to, false);
            next = match >= 0 ? i + (int) (match >>> 32) : i + Math.max(length, CharClass.width(chars, i, to));
            String replacement = match >= 0 ? rules.get().replacement(match) : "";
            int size = match >= 0 ? replacement.length() : next - i;
            boolean onlySpace = size == 1 && (match >= 0 ? replacement.charAt(0) : chars[i]) == ' ';
            if (!begun && mergeSpaces && onlySpace) continue;
            if (!begun && addSpace && !suffixSpace) out.append(space, in.start(i), in.start(i));
            begun = true;
            boolean leading = true;
            for (int k = 0; k < size; k++) {
                char c = match >= 0 ? replacement.charAt(k) : chars[i + k];
                if (leading && afterSpace && c == ' ') continue;
                leading = false;
                int start = match >= 0 ? in.start(i) : in.start(i + k);
                int end = match >= 0 ? in.end(next - 1) : in.end(i + k);
                out.append(c == ' ' ? space : c, start, end);
                if (k == size - 1) afterSpace = mergeSpaces && c == ' ';
            }
        }
        if (!begun) return;
        while (mergeSpaces && out.length() > 0 && out.charAt(out.length() - 1) == space) out.truncate(out.length() - 1);
        if (addSpace && suffixSpace) out.append(space, in.end(to - 1), in.end(to - 1));
    }
}
