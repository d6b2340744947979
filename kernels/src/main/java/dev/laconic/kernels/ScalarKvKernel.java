package dev.laconic.kernels;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Attention's loops over entries that are decoded element by element. */
final class ScalarKvKernel implements KvKernel {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final KvType type;

    ScalarKvKernel(KvType type) {
        this.type = type;
    }

    @Override
    public KvType type() {
        return type;
    }

    @Override
    public void write(float[] x, int xOffset, int xStride, int n, MemorySegment page, long base, int at, int dimension) {
        if (type.bits() > 0) {
            PackedKv.write(type, x, xOffset, xStride, n, page, base, at, dimension);
            return;
        }
        for (int j = 0; j < n; j++) {
            long entry = base + (long) (at + j) * type.bytes(dimension);
            int from = xOffset + j * xStride;
            switch (type) {
                case F32 -> MemorySegment.copy(x, from, page, FLOAT, entry, dimension);
                case F16 -> writeHalves(x, from, dimension, page, entry);
                case BF16 -> {
                    for (int i = 0; i < dimension; i++) page.set(SHORT, entry + 2L * i, toBf16(x[from + i]));
                }
                case Q8_0 -> {
                    for (int i = 0; i < dimension; i += 32)
                        writeQ8(x, from + i, Math.min(32, dimension - i), page, entry + i / 32 * 34);
                }
                case Q4_0 -> {
                    for (int i = 0; i < dimension; i += 32)
                        writeQ4(x, from + i, Math.min(32, dimension - i), page, entry + i / 32 * 18);
                }
                default -> throw new IllegalStateException(type.name());
            }
        }
    }

    /** Four at a time: until it is compiled, what sets a value takes far longer than what makes it. */
    private static void writeHalves(float[] x, int from, int n, MemorySegment page, long at) {
        int i = 0;
        for (; i + 4 <= n; i += 4)
            page.set(LONG, at + 2L * i, half(x[from + i]) | half(x[from + i + 1]) << 16 | half(x[from + i + 2]) << 32
                    | half(x[from + i + 3]) << 48);
        for (; i < n; i++) page.set(SHORT, at + 2L * i, (short) half(x[from + i]));
    }

    private static long half(float value) {
        return Float.floatToFloat16(value) & 0xFFFFL;
    }

    static short toBf16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) return (short) (bits >>> 16 | 64);
        return (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16);
    }

    private static void writeQ8(float[] x, int from, int n, MemorySegment page, long at) {
        float max = 0;
        for (int i = 0; i < n; i++) max = Math.max(max, Math.abs(x[from + i]));
        float inverse = max == 0 ? 0 : 127 / max;
        page.set(SHORT, at, Float.floatToFloat16(max / 127));
        for (int i = 0; i < 32; i++)
            page.set(ValueLayout.JAVA_BYTE, at + 2 + i, (byte) (i < n ? Math.rint(x[from + i] * inverse) : 0));
    }

    /** The element of largest magnitude becomes -8, so that 16 levels reach from it to seven eighths of its opposite. */
    private static void writeQ4(float[] x, int from, int n, MemorySegment page, long at) {
        float extreme = 0;
        for (int i = 0; i < n; i++) if (Math.abs(x[from + i]) > Math.abs(extreme)) extreme = x[from + i];
        float inverse = extreme == 0 ? 0 : -8 / extreme;
        page.set(SHORT, at, Float.floatToFloat16(extreme / -8));
        for (int i = 0; i < 16; i++) {
            int low = i < n ? level(x[from + i] * inverse) : 8;
            int high = i + 16 < n ? level(x[from + i + 16] * inverse) : 8;
            page.set(ValueLayout.JAVA_BYTE, at + 2 + i, (byte) (low | high << 4));
        }
    }

    private static int level(float scaled) {
        return Math.min(15, (int) (scaled + 8.5f));
    }

    private float element(MemorySegment page, long base, int index, int dimension, int i) {
        if (type.bits() > 0) return PackedKv.element(type, page, base, index, dimension, i);
        long entry = base + (long) index * type.bytes(dimension);
        return switch (type) {
            case F32 -> page.get(FLOAT, entry + 4L * i);
            case F16 -> Float.float16ToFloat(page.get(SHORT, entry + 2L * i));
            case BF16 -> Float.intBitsToFloat(page.get(SHORT, entry + 2L * i) << 16);
            case Q8_0 -> {
                long block = entry + i / 32 * 34L;
                yield page.get(ValueLayout.JAVA_BYTE, block + 2 + i % 32) * Float.float16ToFloat(page.get(SHORT, block));
            }
            case Q4_0 -> {
                long block = entry + i / 32 * 18L;
                int pair = page.get(ValueLayout.JAVA_BYTE, block + 2 + i % 16) & 0xFF;
                yield ((pair >> (i % 32 / 16 * 4) & 15) - 8) * Float.float16ToFloat(page.get(SHORT, block));
            }
            default -> throw new IllegalStateException(type.name());
        };
    }

    @Override
    public void read(MemorySegment page, long base, int at, int n, int dimension, float[] x, int xOffset, int xStride) {
        for (int j = 0; j < n; j++)
            for (int i = 0; i < dimension; i++) x[xOffset + j * xStride + i] = element(page, base, at + j, dimension, i);
    }

    @Override
    public void scores(
            MemorySegment page, long base, int from, int to, int dimension,
            float[] queries, int queriesOffset, int queriesStride, int n, float scale,
            float[] scores, int scoresOffset, int scoresStride) {
        for (int q = 0; q < n; q++) {
            int query = queriesOffset + q * queriesStride;
            for (int entry = from; entry < to; entry++) {
                double sum = 0;
                for (int i = 0; i < dimension; i++)
                    sum += (double) queries[query + i] * element(page, base, entry, dimension, i);
                scores[scoresOffset + q * scoresStride + entry - from] = scale * (float) sum;
            }
        }
    }

    @Override
    public void accumulate(
            MemorySegment page, long base, int from, int to, int dimension,
            float[] weights, int weightsOffset, int weightsStride, int n,
            float[] y, int yOffset, int yStride) {
        for (int q = 0; q < n; q++) {
            int out = yOffset + q * yStride;
            for (int entry = from; entry < to; entry++) {
                float weight = weights[weightsOffset + q * weightsStride + entry - from];
                for (int i = 0; i < dimension; i++) y[out + i] += weight * element(page, base, entry, dimension, i);
            }
        }
    }
}
