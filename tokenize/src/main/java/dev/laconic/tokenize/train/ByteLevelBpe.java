package dev.laconic.tokenize.train;

import dev.laconic.core.error.MalformedInputException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A byte-level BPE vocabulary: special tokens first, then the 256 bytes, then one token for each merge, in merge order.
 * Text is split by the pattern that GGUF files name {@code qwen2}: a digit is always a token of its own.
 */
public final class ByteLevelBpe {
    /** The pre-tokenizer's pattern. */
    public static final String PATTERN = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}"
            + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    private static final Pattern SPLIT = Pattern.compile(PATTERN, Pattern.UNICODE_CHARACTER_CLASS);
    private static final int CACHE_LIMIT = 200_000;
    private static final char[] ALPHABET = alphabet();

    private final List<String> specials;
    private final int[][] merges;
    private final byte[][] bytes;
    private final Map<Long, Integer> ranks = new HashMap<>();
    private final Map<String, int[]> cache = new ConcurrentHashMap<>();

    /**
     * @param specials tokens 0 to {@code specials.size() - 1}
     * @param merges pairs of token ids, most important first; pair {@code i} makes token
     *     {@code specials.size() + 256 + i}
     */
    public ByteLevelBpe(List<String> specials, List<int[]> merges) {
        this.specials = List.copyOf(specials);
        this.merges = merges.toArray(int[][]::new);
        int base = specials.size();
        bytes = new byte[base + 256 + this.merges.length][];
        for (int i = 0; i < base; i++) bytes[i] = specials.get(i).getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 256; i++) bytes[base + i] = new byte[] {(byte) i};
        for (int i = 0; i < this.merges.length; i++) {
            int[] pair = this.merges[i];
            byte[] left = bytes[pair[0]];
            byte[] both = Arrays.copyOf(left, left.length + bytes[pair[1]].length);
            System.arraycopy(bytes[pair[1]], 0, both, left.length, bytes[pair[1]].length);
            bytes[base + 256 + i] = both;
            ranks.put(key(pair[0], pair[1]), i);
        }
    }

    public int size() {
        return bytes.length;
    }

    public List<String> specials() {
        return specials;
    }

    /** The id of a special token. */
    public int special(String token) {
        int id = specials.indexOf(token);
        if (id < 0) throw new IllegalArgumentException(token + " is none of the special tokens " + specials);
        return id;
    }

    /** Every token as tokenizer files write it: bytes as letters of the GPT-2 alphabet, special tokens verbatim. */
    public List<String> tokens() {
        List<String> tokens = new ArrayList<>(specials);
        for (int i = specials.size(); i < bytes.length; i++) tokens.add(letters(bytes[i]));
        return tokens;
    }

    /** Every merge as tokenizer files write it: two tokens with a space between. */
    public List<String> mergeLines() {
        return Arrays.stream(merges)
                .map(pair -> letters(bytes[pair[0]]) + " " + letters(bytes[pair[1]]))
                .toList();
    }

    /** The vocabulary that {@link #tokens()} and {@link #mergeLines()} wrote. */
    public static ByteLevelBpe parse(List<String> specials, List<String> mergeLines) {
        Map<String, Integer> ids = new HashMap<>();
        for (int i = 0; i < 256; i++) ids.put(String.valueOf(ALPHABET[i]), specials.size() + i);
        List<int[]> merges = new ArrayList<>();
        for (String line : mergeLines) {
            int space = line.indexOf(' ', 1);
            String left = line.substring(0, Math.max(space, 0));
            String right = line.substring(space + 1);
            if (!ids.containsKey(left) || !ids.containsKey(right))
                throw new MalformedInputException(
                        "merges", "line " + (merges.size() + 1), line, "two tokens from above it with a space between");
            ids.put(left + right, specials.size() + 256 + merges.size());
            merges.add(new int[] {ids.get(left), ids.get(right)});
        }
        return new ByteLevelBpe(specials, merges);
    }

    /** Token ids of {@code text}; the spelling of a special token in it is ordinary text. */
    public int[] encode(String text) {
        int[] ids = new int[Math.max(16, text.length() / 2)];
        int size = 0;
        Matcher matcher = SPLIT.matcher(text);
        while (matcher.find()) {
            int[] piece = piece(matcher.group());
            if (size + piece.length > ids.length) ids = Arrays.copyOf(ids, Math.max(ids.length * 2, size + piece.length));
            System.arraycopy(piece, 0, ids, size, piece.length);
            size += piece.length;
        }
        return Arrays.copyOf(ids, size);
    }

    /** The text of {@code ids}, special tokens left out; bytes that are no UTF-8 become U+FFFD. */
    public String decode(int... ids) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int id : ids) if (id >= specials.size()) out.writeBytes(bytes[id]);
        return out.toString(StandardCharsets.UTF_8);
    }

    /** How many bytes of text the token stands for: 0 for a special token. */
    public int byteLength(int id) {
        return id < specials.size() ? 0 : bytes[id].length;
    }

    static Matcher split(String text) {
        return SPLIT.matcher(text);
    }

    private int[] piece(String piece) {
        int[] known = cache.get(piece);
        if (known != null) return known;
        int[] ids = merge(piece.getBytes(StandardCharsets.UTF_8));
        if (cache.size() < CACHE_LIMIT) cache.put(piece, ids);
        return ids;
    }

    private int[] merge(byte[] text) {
        int[] ids = new int[text.length];
        for (int i = 0; i < text.length; i++) ids[i] = specials.size() + (text[i] & 0xFF);
        int size = ids.length;
        while (true) {
            int best = Integer.MAX_VALUE;
            for (int i = 0; i + 1 < size; i++)
                best = Math.min(best, ranks.getOrDefault(key(ids[i], ids[i + 1]), Integer.MAX_VALUE));
            if (best == Integer.MAX_VALUE) return Arrays.copyOf(ids, size);
            size = replace(ids, size, merges[best], specials.size() + 256 + best);
        }
    }

    /** Puts {@code made} for every {@code pair}, from the left; returns the new length. */
    static int replace(int[] ids, int size, int[] pair, int made) {
        int to = 0;
        for (int i = 0; i < size; i++) {
            if (i + 1 < size && ids[i] == pair[0] && ids[i + 1] == pair[1]) {
                ids[to++] = made;
                i++;
            } else ids[to++] = ids[i];
        }
        return to;
    }

    static long key(int left, int right) {
        return (long) left << 32 | right;
    }

    private static String letters(byte[] bytes) {
        StringBuilder letters = new StringBuilder(bytes.length);
        for (byte b : bytes) letters.append(ALPHABET[b & 0xFF]);
        return letters.toString();
    }

    /** Printable bytes stand for themselves, the others for code points from 256 on. */
    private static char[] alphabet() {
        char[] letters = new char[256];
        int next = 256;
        for (int b = 0; b < 256; b++) {
            boolean printable = b >= '!' && b <= '~' || b >= 0xA1 && b <= 0xAC || b >= 0xAE;
            letters[b] = (char) (printable ? b : next++);
        }
        return letters;
    }
}
