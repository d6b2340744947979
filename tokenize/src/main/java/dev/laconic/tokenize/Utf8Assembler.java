package dev.laconic.tokenize;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Turns bytes that come in pieces into text: characters are given out whole, and bytes that are no UTF-8 as U+FFFD. */
final class Utf8Assembler {
    private byte[] pending = new byte[64];
    private int size;

    void append(byte[] bytes, int from, int to) {
        if (size + to - from > pending.length) pending = Arrays.copyOf(pending, Math.max(pending.length * 2, size + to - from));
        System.arraycopy(bytes, from, pending, size, to - from);
        size += to - from;
    }

    /** Gives out all but an unfinished character at the end. */
    void drain(StringBuilder out) {
        give(size - unfinished(), out);
    }

    /** Gives out everything. */
    void finish(StringBuilder out) {
        give(size, out);
    }

    private void give(int end, StringBuilder out) {
        if (end == 0) return;
        out.append(new String(pending, 0, end, StandardCharsets.UTF_8));
        System.arraycopy(pending, end, pending, 0, size - end);
        size -= end;
    }

    /** Length of the character at the end that later bytes may still complete. */
    private int unfinished() {
        for (int back = 1; back <= Math.min(3, size); back++) {
            int lead = pending[size - back] & 0xFF;
            if (lead < 0x80) return 0;
            if (lead < 0xC0) continue;
            int length = lead >= 0xC2 && lead < 0xE0 ? 2 : lead >= 0xE0 && lead < 0xF0 ? 3 : lead >= 0xF0 && lead < 0xF5 ? 4 : 0;
            if (length <= back) return 0;
            return back == 1 || isSecond(lead, pending[size - back + 1] & 0xFF) ? back : 0;
        }
        return 0;
    }

    /** Whether {@code second} may follow {@code lead}: no overlong form, surrogate or code point above U+10FFFF. */
    private static boolean isSecond(int lead, int second) {
        return switch (lead) {
            case 0xE0 -> second >= 0xA0;
            case 0xED -> second < 0xA0;
            case 0xF0 -> second >= 0x90;
            case 0xF4 -> second < 0x90;
            default -> true;
        };
    }
}
