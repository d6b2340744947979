package dev.laconic.tokenize;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Takes out the spaces that a word-by-word decoder leaves before {@code ? ! . ,}, around a lone apostrophe, and before
 * {@code 's 'm 're 've}, in three passes as llama.cpp does.
 */
final class SpaceCleaner {
    private static final int REACH = 4;

    private SpaceCleaner() {}

    static String clean(String text) {
        if (text.indexOf(' ') < 0) return text;
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return new String(bytes, 0, clean(bytes, bytes.length), StandardCharsets.UTF_8);
    }

    /** Cleans in place the first {@code size} bytes and gives how many are left. */
    static int clean(byte[] text, int size) {
        if (size == 0) return 0;
        byte[] in = Arrays.copyOf(text, size);
        int n = punctuation(in, size, text);
        System.arraycopy(text, 0, in, 0, n);
        n = apostrophes(in, n, text);
        System.arraycopy(text, 0, in, 0, n);
        return contractions(in, n, text);
    }

    /** How much of the text cannot be changed by what follows it, nor what follows by it. */
    static int certain(CharSequence text) {
        int certain = text.length();
        for (int i = certain - 1; i >= 0 && i >= certain - REACH; i--) if (text.charAt(i) == ' ') certain = i;
        return certain;
    }

    private static int punctuation(byte[] in, int size, byte[] out) {
        int n = 1;
        for (int i = 1; i < size; i++) {
            byte c = in[i];
            if (in[i - 1] == ' ' && (c == '?' || c == '!' || c == '.' || c == ',')) n--;
            out[n++] = c;
        }
        return n;
    }

    private static int apostrophes(byte[] in, int size, byte[] out) {
        int n = 1;
        for (int i = 1; i < size; i++) {
            byte c = in[i];
            if (c == '\'' && i + 1 < size && in[i - 1] == ' ' && in[i + 1] == ' ') {
                n--;
                in[++i] = 0;
            }
            out[n++] = c;
        }
        return n;
    }

    private static int contractions(byte[] in, int size, byte[] out) {
        int n = 1;
        for (int i = 1; i < size; i++) {
            byte c = in[i];
            if (in[i - 1] == ' ' && c == '\'' && i + 1 < size) {
                byte a = in[i + 1];
                boolean pair = i + 2 < size && (a == 'r' || a == 'v') && in[i + 2] == 'e';
                if (a == 's' || a == 'm' || pair) n--;
            }
            out[n++] = c;
        }
        return n;
    }
}
