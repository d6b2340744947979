package dev.laconic.kernels;

import static dev.laconic.kernels.Lanes.F;
import static dev.laconic.kernels.Lanes.I;
import static dev.laconic.kernels.Lanes.L;
import static dev.laconic.kernels.Lanes.LE;
import static dev.laconic.kernels.PackedKv.BLOCK;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Decodes entries of KV pages of one type with vectors, bit-identical with {@link ScalarKvKernel}: each vector of codes is
 * unpacked, scaled and stored in one go. There is a loop for each kind of type, chosen once, so that the compiler sees each
 * alone.
 */
final class VectorKvDecoder {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LE);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LE);
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LE);
    private static final IntVector PAIR_SHIFTS = IntVector.zero(I).addIndex(2);

    /** {@link VectorKvDecoder#decode} for vectors of whole blocks of 32. */
    @FunctionalInterface
    private interface Loop {
        void decode(MemorySegment page, long base, int entry, int rows, int dimension, float[] y, int to, Shared shared);
    }

    /** Decodes groups of {@code n} codes, each after its scale and minimum, as {@code code * scale + minimum}. */
    @FunctionalInterface
    private interface Affine {
        void decode(MemorySegment page, long at, int groups, int n, float[] y, int to);
    }

    /** Decodes rows of {@code n} codes with {@code n} scales and then {@code n} minima at the head of {@code s}. */
    @FunctionalInterface
    private interface Channels {
        void decode(MemorySegment page, long at, int rows, int n, float[] s, float[] y, int to);
    }

    /** What the entries of a group share, decoded: it serves the next entries of the same group within a call. */
    static final class Shared {
        private float[] values = {};
        private MemorySegment page = MemorySegment.NULL;
        private long head;

        /** To be called before pages may have changed. */
        void forget() {
            page = MemorySegment.NULL;
        }

        private float[] load(MemorySegment newPage, long newHead, int n) {
            if (newPage == page && newHead == head) return values;
            if (values.length < n) values = new float[n];
            halves(newPage, newHead, n, values, 0);
            page = newPage;
            head = newHead;
            return values;
        }
    }

    private final KvType type;
    private final Loop loop;
    private final Affine affine;
    private final Channels channels;

    VectorKvDecoder(KvType type) {
        this.type = type;
        this.affine = switch (type.bits()) {
            case 8 -> VectorKvDecoder::affineBytes;
            case 4 -> VectorKvDecoder::affineNibbles;
            default -> VectorKvDecoder::affinePairs;
        };
        this.channels = switch (type.bits()) {
            case 8 -> VectorKvDecoder::channelBytes;
            case 4 -> VectorKvDecoder::channelNibbles;
            default -> VectorKvDecoder::channelPairs;
        };
        this.loop = switch (type) {
            case F32 -> VectorKvDecoder::floats;
            case F16 -> VectorKvDecoder::halves;
            case BF16 -> VectorKvDecoder::brains;
            case Q8_0 -> VectorKvDecoder::bytes;
            case Q4_0 -> VectorKvDecoder::nibbles;
            default -> switch (type.grouping()) {
                case TOKEN -> this::tokens;
                case VECTOR, ROTATED -> this::vectors;
                case CHANNEL -> this::channels;
                default -> this::separable;
            };
        };
    }

    /**
     * Decodes entries {@code entry} to {@code entry + rows} of a page into {@code y}, each padded with zeros up to whole
     * blocks of 32 elements, one after another from {@code to}.
     */
    void decode(
            MemorySegment page, long base, int entry, int rows, int dimension, float[] y, int to, Shared shared) {
        int stride = PackedKv.padded(dimension);
        if (dimension == stride) {
            loop.decode(page, base, entry, rows, dimension, y, to, shared);
        } else {
            for (int i = 0; i < rows; i++, to += stride) {
                loop.decode(page, base, entry + i, 1, dimension, y, to, shared);
                Arrays.fill(y, to + dimension, to + stride, 0);
            }
        }
    }

    private static void floats(
            MemorySegment page, long base, int entry, int rows, int dimension, float[] y, int to, Shared shared) {
        MemorySegment.copy(page, FLOAT, base + 4L * entry * dimension, y, to, rows * dimension);
    }

    private static void halves(
            MemorySegment page, long base, int entry, int rows, int dimension, float[] y, int to, Shared shared) {
        halves(page, base + 2L * entry * dimension, rows * dimension, y, to);
    }

    /** A plain loop: the compiler knows the processor's instruction for this conversion, the Vector API does not. */
    private static void halves(MemorySegment page, long at, int n, float[] y, int to) {
        for (int i = 0; i < n; i++) y[to + i] = Float.float16ToFloat(page.get(SHORT, at + 2L * i));
    }

    private static void brains(
            MemorySegment page, long base, int entry, int rows, int dimension, float[] y, int to, Shared shared) {
        VectorDecoders.bf16(page, base + 2L * entry * dimension, rows * dimension, y, to);
    }

    private static void bytes(
            MemorySegment page, long base, int entry, int rows, int dimension, float[] y, int to, Shared shared) {
        int blocks = PackedKv.padded(dimension) / BLOCK;
        VectorDecoders.q8x0(page, base + 34L * entry * blocks, rows * blocks * BLOCK, y, to);
    }

    private static void nibbles(
            MemorySegment page, long base, int entry, int rows, int dimension, float[] y, int to, Shared shared) {
        int blocks = PackedKv.padded(dimension) / BLOCK;
        VectorDecoders.q4x0(page, base + 18L * entry * blocks, rows * blocks * BLOCK, y, to);
    }

    private void tokens(
            MemorySegment page, long base, int entry, int rows, int dimension, float[] y, int to, Shared shared) {
        int blocks = PackedKv.padded(dimension) / BLOCK;
        affine.decode(page, base + (long) entry * type.bytes(dimension), rows * blocks, BLOCK, y, to);
    }

    private void vectors(
            MemorySegment page, long base, int entry, int rows, int dimension, float[] y, int to, Shared shared) {
        affine.decode(page, base + (long) entry * type.bytes(dimension), rows, PackedKv.padded(dimension), y, to);
    }

    private void separable(
            MemorySegment page, long base, int entry, int rows, int dimension, float[] y, int to, Shared shared) {
        int stride = PackedKv.padded(dimension);
        int perGroup = type.group();
        while (rows > 0) {
            int some = Math.min(rows, perGroup - entry % perGroup);
            float[] factors = shared.load(page, PackedKv.head(type, base, entry, dimension), stride);
            affine.decode(page, PackedKv.entry(type, base, entry, dimension), some, stride, y, to);
            multiply(factors, some, stride, y, to);
            rows -= some;
            entry += some;
            to += some * stride;
        }
    }

    private static void multiply(float[] factors, int rows, int n, float[] y, int to) {
        for (int i = to; i < to + rows * n; i += n)
            for (int j = 0; j < n; j += L)
                FloatVector.fromArray(F, y, i + j).mul(FloatVector.fromArray(F, factors, j)).intoArray(y, i + j);
    }

    private void channels(
            MemorySegment page, long base, int entry, int rows, int dimension, float[] y, int to, Shared shared) {
        int stride = PackedKv.padded(dimension);
        int perGroup = type.group();
        while (rows > 0) {
            int some = Math.min(rows, perGroup - entry % perGroup);
            float[] s = shared.load(page, PackedKv.head(type, base, entry, dimension), 2 * stride);
            channels.decode(page, PackedKv.entry(type, base, entry, dimension), some, stride, s, y, to);
            rows -= some;
            entry += some;
            to += some * stride;
        }
    }

    private static void affineBytes(MemorySegment page, long at, int groups, int n, float[] y, int to) {
        for (int g = 0; g < groups; g++, at += 4 + n, to += n) {
            FloatVector scale = FloatVector.broadcast(F, PackedKv.half(page, at));
            FloatVector min = FloatVector.broadcast(F, PackedKv.half(page, at + 2));
            for (int j = 0; j < n; j += L)
                Lanes.floats(Lanes.unsigned(page, at + 4 + j)).fma(scale, min).intoArray(y, to + j);
        }
    }

    private static void affineNibbles(MemorySegment page, long at, int groups, int n, float[] y, int to) {
        for (int g = 0; g < groups; g++, at += 4 + n / 2, to += n) {
            FloatVector scale = FloatVector.broadcast(F, PackedKv.half(page, at));
            FloatVector min = FloatVector.broadcast(F, PackedKv.half(page, at + 2));
            for (int j = 0; j < n / 2; j += L) {
                IntVector pairs = Lanes.unsigned(page, at + 4 + j);
                int c = to + j + (j & -16);
                Lanes.floats(pairs.and(15)).fma(scale, min).intoArray(y, c);
                Lanes.floats(pairs.lanewise(LSHR, 4)).fma(scale, min).intoArray(y, c + 16);
            }
        }
    }

    private static void affinePairs(MemorySegment page, long at, int groups, int n, float[] y, int to) {
        for (int g = 0; g < groups; g++, at += 4 + n / 4, to += n) {
            FloatVector scale = FloatVector.broadcast(F, PackedKv.half(page, at));
            FloatVector min = FloatVector.broadcast(F, PackedKv.half(page, at + 2));
            for (int j = 0; j < n; j += L)
                Lanes.floats(pairs(page, at + 4, j)).fma(scale, min).intoArray(y, to + j);
        }
    }

    private static void channelBytes(MemorySegment page, long at, int rows, int n, float[] s, float[] y, int to) {
        for (int i = 0; i < rows; i++, at += n, to += n)
            for (int j = 0; j < n; j += L)
                Lanes.floats(Lanes.unsigned(page, at + j))
                        .fma(FloatVector.fromArray(F, s, j), FloatVector.fromArray(F, s, n + j))
                        .intoArray(y, to + j);
    }

    private static void channelNibbles(MemorySegment page, long at, int rows, int n, float[] s, float[] y, int to) {
        for (int i = 0; i < rows; i++, at += n / 2, to += n)
            for (int j = 0; j < n / 2; j += L) {
                IntVector pairs = Lanes.unsigned(page, at + j);
                int c = j + (j & -16);
                Lanes.floats(pairs.and(15))
                        .fma(FloatVector.fromArray(F, s, c), FloatVector.fromArray(F, s, n + c))
                        .intoArray(y, to + c);
                Lanes.floats(pairs.lanewise(LSHR, 4))
                        .fma(FloatVector.fromArray(F, s, c + 16), FloatVector.fromArray(F, s, n + c + 16))
                        .intoArray(y, to + c + 16);
            }
    }

    private static void channelPairs(MemorySegment page, long at, int rows, int n, float[] s, float[] y, int to) {
        for (int i = 0; i < rows; i++, at += n / 4, to += n)
            for (int j = 0; j < n; j += L)
                Lanes.floats(pairs(page, at, j))
                        .fma(FloatVector.fromArray(F, s, j), FloatVector.fromArray(F, s, n + j))
                        .intoArray(y, to + j);
    }

    /** The 2-bit codes j to j + L of an entry. */
    private static IntVector pairs(MemorySegment page, long at, int j) {
        return IntVector.broadcast(I, page.get(INT, at + j / 16 * 4L) >>> 2 * (j % 16)).lanewise(LSHR, PAIR_SHIFTS).and(3);
    }
}
