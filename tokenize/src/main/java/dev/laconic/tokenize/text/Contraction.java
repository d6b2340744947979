package dev.laconic.tokenize.text;

/** English contractions: 's 't 'm 'd 're 've 'll. Each method gives the length at an apostrophe, or 0. */
final class Contraction {
    private Contraction() {}

    static int lowerCase(char[] chars, int at, int to) {
        if (at + 1 >= to) return 0;
        char a = chars[at + 1];
        if (a == 's' || a == 't' || a == 'm' || a == 'd') return 2;
        return at + 2 < to && isPair(a, chars[at + 2]) ? 3 : 0;
    }

    /** Ignores the case of ASCII letters. */
    static int anyCase(char[] chars, int at, int to) {
        if (at + 1 >= to) return 0;
        char a = lower(chars[at + 1]);
        if (a == 's' || a == 't' || a == 'm' || a == 'd') return 2;
        return at + 2 < to && isPair(a, lower(chars[at + 2])) ? 3 : 0;
    }

    /** Ignores case as Unicode folds it: the long s is an s. */
    static int foldedCase(char[] chars, int at, int to) {
        return at + 1 < to && chars[at + 1] == 'ſ' ? 2 : anyCase(chars, at, to);
    }

    private static boolean isPair(char a, char b) {
        return a == 'r' && b == 'e' || a == 'v' && b == 'e' || a == 'l' && b == 'l';
    }

    private static char lower(char c) {
        return c >= 'A' && c <= 'Z' ? (char) (c + 32) : c;
    }
}
