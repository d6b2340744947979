package dev.laconic.model.sample;

import java.util.Arrays;

/** How often each token occurs among the latest {@code window} tokens of a sequence that may also be cut back. */
final class RecentTokens {
    private final int window;
    private final int[] counts;
    private int[] history = new int[256];
    private int length;

    RecentTokens(int window, int vocab) {
        this.window = window;
        this.counts = new int[vocab];
    }

    void add(int token) {
        if (length == history.length) history = Arrays.copyOf(history, Math.multiplyExact(length, 2));
        history[length++] = token;
        counts[token]++;
        if (length > window) counts[history[length - 1 - window]]--;
    }

    /** Takes back the latest token. */
    void removeLast() {
        if (length > window) counts[history[length - 1 - window]]++;
        counts[history[--length]]--;
    }

    int length() {
        return length;
    }

    int count(int token) {
        return counts[token];
    }
}
