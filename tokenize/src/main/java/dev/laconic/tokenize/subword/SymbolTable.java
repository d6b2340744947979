package dev.laconic.tokenize.subword;

import dev.laconic.format.PackedStrings;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Strings by number and back. Look-up takes a slice of a character array; the hash is seeded per table, so that no file
 * can prepare collisions.
 */
public final class SymbolTable {
    /** What a look-up gives for a string that is not there. */
    public static final int MISSING = -1;

    private final long seed = new SplittableRandom().nextLong() | 1;
    private char[] chars;
    private int[] offsets;
    private int[] slots;
    private int[] hashes;
    private int size;
    private int longest;

    public SymbolTable(int expected) {
        chars = new char[Math.max(16, expected * 6)];
        offsets = new int[expected + 2];
        hashes = new int[expected + 1];
        slots = new int[tableSize(expected)];
    }

    /** The strings numbered in order; of equal ones the first is found. */
    public static SymbolTable of(List<String> strings) {
        SymbolTable table = new SymbolTable(strings.size());
        for (String string : strings) table.add(string);
        return table;
    }

    public int size() {
        return size;
    }

    /** Length of the longest string. */
    public int longest() {
        return longest;
    }

    public String string(int id) {
        return new String(chars, offsets[id], offsets[id + 1] - offsets[id]);
    }

    public int length(int id) {
        return offsets[id + 1] - offsets[id];
    }

    public char charAt(int id, int i) {
        return chars[offsets[id] + i];
    }

    /** Gives the next number to {@code string}. It is found under it only if no equal string came before. */
    public int add(String string) {
        int id = append(string);
        insert(id);
        return id;
    }

    /** Gives the next number to {@code string}, and returns the one under which it is found: that of the first equal one. */
    public int addAndFind(String string) {
        return insert(append(string));
    }

    /**
     * Gives the next numbers to strings {@code from} to {@code last} of a list, which are not made for it, up to one that is
     * empty, is there already, or that {@link PackedStrings#decode} leaves out.
     *
     * @return how many have been added
     */
    public int addNew(PackedStrings strings, int from, int last) {
        reserve(last - from, strings.encodedLength(from, last));
        int count = strings.decode(from, last, chars, offsets, size);
        for (int i = 0; i < count; i++) {
            int id = append(size, offsets[size + 1]);
            if (insert(id) == id) continue;
            size = id;
            return i;
        }
        return count;
    }

    /** Gives the next number to {@code string}, which no look-up will find. */
    public int addHidden(String string) {
        return append(string);
    }

    /** The number of {@code string}, which is added if it is not there. */
    public int intern(String string) {
        int id = find(string);
        return id != MISSING ? id : add(string);
    }

    public int find(String string) {
        return find(string.toCharArray(), 0, string.length());
    }

    /** The number of the string {@code [from, to)} of {@code text}, or {@link #MISSING}. */
    public int find(char[] text, int from, int to) {
        if (to - from > longest) return MISSING;
        int hash = hash(text, from, to);
        int mask = slots.length - 1;
        for (int slot = hash & mask; slots[slot] != 0; slot = slot + 1 & mask) {
            int id = slots[slot] - 1;
            if (hashes[id] == hash
                    && Arrays.equals(chars, offsets[id], offsets[id + 1], text, from, to)) return id;
        }
        return MISSING;
    }

    private int append(String string) {
        int id = next(string.length());
        string.getChars(0, string.length(), chars, offsets[id]);
        return append(id, offsets[id] + string.length());
    }

    /** The next number, with room for so many characters. */
    private int next(int length) {
        reserve(1, length);
        return size;
    }

    private void reserve(int strings, int characters) {
        int most = Math.addExact(size, strings);
        if (most >= offsets.length) {
            offsets = Arrays.copyOf(offsets, Math.max(most + 1, offsets.length * 2));
            hashes = Arrays.copyOf(hashes, offsets.length);
        }
        int end = Math.addExact(offsets[size], characters);
        if (end > chars.length) chars = Arrays.copyOf(chars, Math.max(end, Math.addExact(chars.length, chars.length >> 1)));
    }

    /** Gives the next number to the characters up to {@code end} that lie where its string begins. */
    private int append(int id, int end) {
        size++;
        offsets[id + 1] = end;
        hashes[id] = hash(chars, offsets[id], end);
        longest = Math.max(longest, end - offsets[id]);
        return id;
    }

    /** The number under which the string is found. */
    private int insert(int id) {
        if (size * 2 > slots.length) grow();
        int mask = slots.length - 1;
        int slot = hashes[id] & mask;
        while (slots[slot] != 0) {
            int other = slots[slot] - 1;
            if (hashes[other] == hashes[id]
                    && Arrays.equals(chars, offsets[other], offsets[other + 1], chars, offsets[id], offsets[id + 1]))
                return other;
            slot = slot + 1 & mask;
        }
        slots[slot] = id + 1;
        return id;
    }

    private void grow() {
        int[] old = slots;
        slots = new int[old.length * 2];
        int mask = slots.length - 1;
        for (int entry : old) {
            if (entry == 0) continue;
            int slot = hashes[entry - 1] & mask;
            while (slots[slot] != 0) slot = slot + 1 & mask;
            slots[slot] = entry;
        }
    }

    private int hash(char[] text, int from, int to) {
        long h = seed;
        for (int i = from; i < to; i++) h = (h ^ text[i]) * 0x9E3779B97F4A7C15L ^ h >>> 29;
        h *= seed;
        return (int) (h >>> 32);
    }

    private static int tableSize(int expected) {
        return Integer.highestOneBit(Math.max(16, expected) * 2) << 1;
    }
}
