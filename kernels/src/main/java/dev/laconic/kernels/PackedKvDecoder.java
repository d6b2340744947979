package dev.laconic.kernels;

import static dev.laconic.kernels.Lanes.F;
import static dev.laconic.kernels.Lanes.I;
import static dev.laconic.kernels.Lanes.L;
import static dev.laconic.kernels.PackedKv.BLOCK;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/** Decodes entries of the packed types with vectors, bit-identical with {@link PackedKv#element}. */
final class PackedKvDecoder {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final IntVector PAIR_SHIFTS = IntVector.zero(I).addIndex(2);

    private float[] shared = {};

    /** Decodes {@code rows} entries into {@code y}, each padded up to 32 elements with what its padding codes give. */
    void decode(KvType type, MemorySegment page, long base, int entry, int rows, int dimension, float[] y) {
        int stride = PackedKv.padded(dimension);
        long loaded = -1;
        for (int i = 0; i < rows; i++) {
            long at = PackedKv.entry(type, base, entry + i, dimension);
            if (type.grouping() == KvType.Grouping.TOKEN) {
                token(type.bits(), page, at, stride, y, i * stride);
                continue;
            }
            if (type.grouping() == KvType.Grouping.ROTATED) {
                vector(type.bits(), page, at, stride, y, i * stride);
                continue;
            }
            boolean channels = type.grouping() == KvType.Grouping.CHANNEL;
            long head = PackedKv.head(type, base, entry + i, dimension);
            if (head != loaded) {
                int elements = channels ? 2 * stride : stride;
                if (shared.length < elements) shared = new float[elements];
                VectorDecoders.f16(page, head, elements, shared, 0);
                loaded = head;
            }
            if (channels) channel(type.bits(), page, at, stride, y, i * stride);
            else separable(type.bits(), page, at, stride, y, i * stride);
        }
    }

    private static void token(int bits, MemorySegment page, long at, int stride, float[] y, int to) {
        int blockBytes = 4 + 4 * bits;
        codes(bits, page, at + 4, blockBytes, stride, y, to);
        for (int c = 0; c < stride; c += BLOCK, at += blockBytes)
            affine(PackedKv.half(page, at), PackedKv.half(page, at + 2), y, to + c, BLOCK);
    }

    private static void vector(int bits, MemorySegment page, long at, int stride, float[] y, int to) {
        codes(bits, page, at + 4, 4 * bits, stride, y, to);
        affine(PackedKv.half(page, at), PackedKv.half(page, at + 2), y, to, stride);
    }

    private void channel(int bits, MemorySegment page, long at, int stride, float[] y, int to) {
        codes(bits, page, at, 4 * bits, stride, y, to);
        for (int j = 0; j < stride; j += L)
            FloatVector.fromArray(F, y, to + j)
                    .fma(FloatVector.fromArray(F, shared, j), FloatVector.fromArray(F, shared, stride + j))
                    .intoArray(y, to + j);
    }

    private void separable(int bits, MemorySegment page, long at, int stride, float[] y, int to) {
        vector(bits, page, at, stride, y, to);
        for (int j = 0; j < stride; j += L)
            FloatVector.fromArray(F, y, to + j).mul(FloatVector.fromArray(F, shared, j)).intoArray(y, to + j);
    }

    private static void affine(float scale, float min, float[] y, int from, int n) {
        for (int j = from; j < from + n; j += L) FloatVector.fromArray(F, y, j).fma(scale, min).intoArray(y, j);
    }

    /** An entry's codes as floats; its blocks of 32 begin {@code blockBytes} apart. */
    private static void codes(int bits, MemorySegment page, long at, int blockBytes, int stride, float[] y, int to) {
        switch (bits) {
            case 8 -> bytes(page, at, blockBytes, stride, y, to);
            case 4 -> nibbles(page, at, blockBytes, stride, y, to);
            default -> pairs(page, at, blockBytes, stride, y, to);
        }
    }

    private static void bytes(MemorySegment page, long at, int blockBytes, int stride, float[] y, int to) {
        for (int c = to; c < to + stride; c += BLOCK, at += blockBytes)
            for (int j = 0; j < BLOCK; j += L) Lanes.floats(Lanes.unsigned(page, at + j)).intoArray(y, c + j);
    }

    private static void nibbles(MemorySegment page, long at, int blockBytes, int stride, float[] y, int to) {
        for (int c = to; c < to + stride; c += BLOCK, at += blockBytes)
            for (int j = 0; j < 16; j += L) {
                IntVector pairs = Lanes.unsigned(page, at + j);
                Lanes.floats(pairs.and(15)).intoArray(y, c + j);
                Lanes.floats(pairs.lanewise(LSHR, 4)).intoArray(y, c + 16 + j);
            }
    }

    private static void pairs(MemorySegment page, long at, int blockBytes, int stride, float[] y, int to) {
        for (int c = to; c < to + stride; c += BLOCK, at += blockBytes)
            for (int j = 0; j < BLOCK; j += L) {
                IntVector word = IntVector.broadcast(I, page.get(INT, at + j / 16 * 4L) >>> 2 * (j % 16));
                Lanes.floats(word.lanewise(LSHR, PAIR_SHIFTS).and(3)).intoArray(y, c + j);
            }
    }
}
