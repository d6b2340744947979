package dev.laconic.kernels;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Keys or values as small unsigned integers: {@code x = minimum + scale * code}, times a channel's factor where the type
 * has one. A vector's codes lie in blocks of 32 channels of {@code 4 * bits} bytes: eight bits as they are; four with
 * channels j and j + 16 in byte j; two with channel c at bits {@code 2 (c mod 16)} of a 32-bit word.
 */
final class PackedKv {
    static final int BLOCK = 32;
    /** Rounds in which scale and minimum of few bits are fitted to their codes. */
    private static final int FITS = 3;

    private static final float[] NO_FACTORS = {};


    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private PackedKv() {}

    /** Bytes of what the entries of a group share. */
    static long headBytes(KvType type, int padded) {
        return switch (type.grouping()) {
            case NONE, TOKEN, VECTOR, ROTATED -> 0;
            case CHANNEL -> 4L * padded;
            case SEPARABLE -> 2L * padded;
            case CORRECTED, LOW_RANK, RANK_ONE, SPARSE, LOWER, UPPER ->
                throw new IllegalArgumentException(type + " is put together of parts");
        };
    }

    static int padded(int dimension) {
        return (dimension + BLOCK - 1) / BLOCK * BLOCK;
    }

    /** Where the head of an entry's group lies. */
    static long head(KvType type, long base, int entry, int dimension) {
        int group = type.group();
        return base + entry / group * (headBytes(type, padded(dimension)) + (long) group * type.bytes(dimension));
    }

    /** Where an entry lies. */
    static long entry(KvType type, long base, int entry, int dimension) {
        if (type.appendable()) return base + (long) entry * type.bytes(dimension);
        return head(type, base, entry, dimension)
                + headBytes(type, padded(dimension))
                + (long) (entry % type.group()) * type.bytes(dimension);
    }

    static void write(
            KvType type, float[] x, int xOffset, int xStride, int n, MemorySegment page, long base, int at, int dimension) {
        switch (type.grouping()) {
            case NONE, CORRECTED, LOW_RANK, RANK_ONE, SPARSE, LOWER, UPPER ->
                throw new IllegalArgumentException(type + " is not packed");
            case TOKEN, VECTOR, ROTATED -> {
                int block = type.grouping() == KvType.Grouping.TOKEN ? BLOCK : padded(dimension);
                for (int j = 0; j < n; j++)
                    writeBlocks(type, block, x, xOffset + j * xStride, page, entry(type, base, at + j, dimension), dimension);
            }
            case CHANNEL -> {
                requireWhole(type, at);
                for (int j = 0; j < n; j += type.group())
                    writeChannels(type, x, xOffset, xStride, j, Math.min(n, j + type.group()), page, base, dimension);
            }
            case SEPARABLE -> {
                requireWhole(type, at);
                float[] factors = new float[dimension];
                for (int j = 0; j < n; j += 64) {
                    int end = Math.min(n, j + 64);
                    for (int c = 0; c < dimension; c++) factors[c] = rootOfLargest(x, xOffset + c, xStride, j, end);
                    writeSeparable(type, x, xOffset, xStride, j, end, page, base, dimension, factors);
                }
            }
        }
    }

    static void write(
            KvType type, float[] x, int xOffset, int xStride, int n, MemorySegment page, long base, int dimension,
            float[] factors) {
        if (type.grouping() != KvType.Grouping.SEPARABLE)
            throw new IllegalArgumentException(type + " has no factors for channels");
        for (int j = 0; j < n; j += 64)
            writeSeparable(type, x, xOffset, xStride, j, Math.min(n, j + 64), page, base, dimension, factors);
    }

    /** {@code sqrt(max |x|)} of a channel. */
    private static float rootOfLargest(float[] x, int offset, int stride, int from, int to) {
        float max = 0;
        for (int j = from; j < to; j++) max = Math.max(max, Math.abs(x[offset + j * stride]));
        return (float) Math.sqrt(max);
    }

    private static void requireWhole(KvType type, int at) {
        if (at != 0) throw new IllegalArgumentException("a page of " + type + " is written at once, not from entry " + at);
    }

    private static void writeBlocks(
            KvType type, int size, float[] x, int from, MemorySegment page, long at, int dimension) {
        int levels = (1 << type.bits()) - 1;
        int codeBytes = size / BLOCK * 4 * type.bits();
        for (int block = 0; block * size < dimension; block++) {
            int end = Math.min(dimension, (block + 1) * size);
            float min = Float.POSITIVE_INFINITY;
            float max = Float.NEGATIVE_INFINITY;
            for (int c = block * size; c < end; c++) {
                min = Math.min(min, x[from + c]);
                max = Math.max(max, x[from + c]);
            }
            long to = at + (long) block * (4 + codeBytes);
            float scale = putAffine(page, to, min, max, levels);
            min = half(page, to + 2);
            if (type.bits() == 2 && type.grouping() == KvType.Grouping.VECTOR) {
                fit(x, from + block * size, end - block * size, NO_FACTORS, page, to, levels);
                scale = half(page, to);
                min = half(page, to + 2);
                stretch(x, from + block * size, end - block * size, NO_FACTORS, page, to, levels);
            }
            clear(page, to + 4, codeBytes);
            for (int c = block * size; c < end; c++)
                put(type.bits(), page, to + 4, c - block * size, code(x[from + c], min, scale, levels));
        }
    }

    private static void writeChannels(
            KvType type, float[] x, int xOffset, int xStride, int from, int to, MemorySegment page, long base,
            int dimension) {
        int levels = (1 << type.bits()) - 1;
        int padded = padded(dimension);
        long head = head(type, base, from, dimension);
        for (int j = from; j < to; j++) clear(page, entry(type, base, j, dimension), type.bytes(dimension));
        clear(page, head, 4 * padded);
        for (int c = 0; c < dimension; c++) {
            float min = Float.POSITIVE_INFINITY;
            float max = Float.NEGATIVE_INFINITY;
            for (int j = from; j < to; j++) {
                float v = x[xOffset + j * xStride + c];
                min = Math.min(min, v);
                max = Math.max(max, v);
            }
            page.set(SHORT, head + 2L * c, Float.floatToFloat16((max + 0f - (min + 0f)) / levels));
            page.set(SHORT, head + 2L * (padded + c), Float.floatToFloat16(min + 0f));
            float scale = half(page, head + 2L * c);
            min = half(page, head + 2L * (padded + c));
            for (int j = from; j < to; j++)
                put(type.bits(), page, entry(type, base, j, dimension), c,
                        code(x[xOffset + j * xStride + c], min, scale, levels));
        }
    }

    /** What is left of each vector when its channels are divided by their factors has one scale and minimum. */
    private static void writeSeparable(
            KvType type, float[] x, int xOffset, int xStride, int from, int to, MemorySegment page, long base,
            int dimension, float[] wanted) {
        int levels = (1 << type.bits()) - 1;
        long head = head(type, base, from, dimension);
        clear(page, head, 2 * padded(dimension));
        float[] factors = new float[dimension];
        for (int c = 0; c < dimension; c++) {
            page.set(SHORT, head + 2L * c, Float.floatToFloat16(wanted[c]));
            factors[c] = half(page, head + 2L * c);
        }
        float[] left = new float[dimension];
        for (int j = from; j < to; j++) {
            float min = Float.POSITIVE_INFINITY;
            float max = Float.NEGATIVE_INFINITY;
            for (int c = 0; c < dimension; c++) {
                left[c] = factors[c] == 0 ? 0 : x[xOffset + j * xStride + c] / factors[c];
                min = Math.min(min, left[c]);
                max = Math.max(max, left[c]);
            }
            long at = entry(type, base, j, dimension);
            float scale = putAffine(page, at, min, max, levels);
            min = half(page, at + 2);
            if (type.bits() <= 4) {
                fit(left, 0, dimension, factors, page, at, levels);
                scale = half(page, at);
                min = half(page, at + 2);
                stretch(left, 0, dimension, factors, page, at, levels);
            }
            clear(page, at + 4, type.bytes(dimension) - 4);
            for (int c = 0; c < dimension; c++) put(type.bits(), page, at + 4, c, code(left[c], min, scale, levels));
        }
    }

    /**
     * Puts the scale and minimum with which the codes that are nearest by those that lie there lose least: squares of what
     * is lost, times the channels' factors where there are any, are smallest together.
     */
    private static void fit(float[] x, int from, int n, float[] factors, MemorySegment page, long at, int levels) {
        for (int round = 0; round < FITS; round++) regress(x, from, n, factors, page, at, levels, false);
    }

    /**
     * Puts the scale and minimum with which the codes that are nearest by those that lie there vary with the elements one for
     * one: fitted ones fall short of large elements, and a sum over many entries would as well.
     */
    private static void stretch(float[] x, int from, int n, float[] factors, MemorySegment page, long at, int levels) {
        regress(x, from, n, factors, page, at, levels, true);
    }

    /** Fits elements to their codes, or the other way round. */
    private static void regress(
            float[] x, int from, int n, float[] factors, MemorySegment page, long at, int levels, boolean inverse) {
        float scale = half(page, at);
        float min = half(page, at + 2);
        double weights = 0;
        double codes = 0;
        double codeSquares = 0;
        double sum = 0;
        double squares = 0;
        double products = 0;
        for (int c = 0; c < n; c++) {
            int code = code(x[from + c], min, scale, levels);
            double weight = factors.length == 0 ? 1 : (double) factors[c] * factors[c];
            weights += weight;
            codes += weight * code;
            codeSquares += weight * code * code;
            sum += weight * x[from + c];
            squares += weight * x[from + c] * x[from + c];
            products += weight * code * x[from + c];
        }
        double common = products * weights - codes * sum;
        if (!(codeSquares * weights - codes * codes > 1e-9 * codeSquares * weights && common > 0)) return;
        double fitted = inverse
                ? (squares * weights - sum * sum) / common
                : common / (codeSquares * weights - codes * codes);
        page.set(SHORT, at, Float.floatToFloat16((float) fitted));
        page.set(SHORT, at + 2, Float.floatToFloat16((float) ((sum - fitted * codes) / weights)));
    }

    private static float putAffine(MemorySegment page, long at, float min, float max, int levels) {
        page.set(SHORT, at, Float.floatToFloat16((max + 0f - (min + 0f)) / levels)); // zero has no sign
        page.set(SHORT, at + 2, Float.floatToFloat16(min + 0f));
        return half(page, at);
    }

    private static int code(float x, float min, float scale, int levels) {
        return scale == 0 ? 0 : Math.clamp(Math.round((x - min) / scale), 0, levels);
    }

    private static void clear(MemorySegment page, long at, long bytes) {
        for (long i = 0; i < bytes; i += 2) page.set(SHORT, at + i, (short) 0);
    }

    private static void put(int bits, MemorySegment page, long codes, int channel, int code) {
        long block = codes + (long) channel / BLOCK * 4 * bits;
        int c = channel % BLOCK;
        switch (bits) {
            case 8 -> page.set(ValueLayout.JAVA_BYTE, block + c, (byte) code);
            case 4 -> {
                long at = block + c % 16;
                int old = page.get(ValueLayout.JAVA_BYTE, at);
                page.set(ValueLayout.JAVA_BYTE, at, (byte) (old | code << (c / 16 * 4)));
            }
            default -> {
                long at = block + c / 16 * 4L;
                page.set(INT, at, page.get(INT, at) | code << 2 * (c % 16));
            }
        }
    }

    private static int get(int bits, MemorySegment page, long codes, int channel) {
        long block = codes + (long) channel / BLOCK * 4 * bits;
        int c = channel % BLOCK;
        return switch (bits) {
            case 8 -> page.get(ValueLayout.JAVA_BYTE, block + c) & 0xFF;
            case 4 -> page.get(ValueLayout.JAVA_BYTE, block + c % 16) >> (c / 16 * 4) & 15;
            default -> page.get(INT, block + c / 16 * 4L) >>> 2 * (c % 16) & 3;
        };
    }

    /** One element of an entry; of a turned one, still turned. */
    static float element(KvType type, MemorySegment page, long base, int entry, int dimension, int channel) {
        long at = entry(type, base, entry, dimension);
        int bits = type.bits();
        switch (type.grouping()) {
            case TOKEN -> {
                long block = at + (long) channel / BLOCK * (4 + 4 * bits);
                return Math.fma(get(bits, page, block + 4, channel % BLOCK), half(page, block), half(page, block + 2));
            }
            case CHANNEL -> {
                long head = head(type, base, entry, dimension) + 2L * channel;
                float min = half(page, head + 2L * padded(dimension));
                return Math.fma(get(bits, page, at, channel), half(page, head), min);
            }
            case VECTOR, ROTATED -> {
                return Math.fma(get(bits, page, at + 4, channel), half(page, at), half(page, at + 2));
            }
            default -> {
                float factor = half(page, head(type, base, entry, dimension) + 2L * channel);
                return Math.fma(get(bits, page, at + 4, channel), half(page, at), half(page, at + 2)) * factor;
            }
        }
    }

    static float half(MemorySegment page, long at) {
        return Float.float16ToFloat(page.get(SHORT, at));
    }
}
