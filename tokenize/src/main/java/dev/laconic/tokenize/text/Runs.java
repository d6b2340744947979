package dev.laconic.tokenize.text;

/** Ends of runs of characters by class. */
final class Runs {
    private Runs() {}

    /** The end of the run of code points from {@code at} that have any of {@code flags}. */
    static int of(char[] chars, int at, int to, int flags) {
        int i = at;
        while (i < to) {
            if ((CharClass.of(chars[i]) & flags) != 0) i++;
            else if (Character.isHighSurrogate(chars[i]) && (CharClass.at(chars, i, to) & flags) != 0) i += 2;
            else break;
        }
        return i;
    }

    /** The end of the run of code points from {@code at} that have none of {@code flags}. */
    static int outside(char[] chars, int at, int to, int flags) {
        int i = at;
        while (i < to && (CharClass.at(chars, i, to) & flags) == 0) i += CharClass.width(chars, i, to);
        return i;
    }

    /** The end of a run of at most {@code max} code points. */
    static int of(char[] chars, int at, int to, int flags, int max) {
        int i = at;
        for (int n = 0; n < max && i < to && (CharClass.at(chars, i, to) & flags) != 0; n++)
            i += CharClass.width(chars, i, to);
        return i;
    }

    /** Where {@code \s+(?!\S)|\s+} ends on the white space {@code [at, end)}: it leaves one for the word behind it. */
    static int leadingSpace(int at, int end, int to) {
        return end < to && end - at > 1 ? end - 1 : end;
    }
}
