package dev.laconic.kernels;

import dev.laconic.core.tensor.Tensor;
import dev.laconic.core.tensor.TensorType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.SplittableRandom;

/** Random numbers and random blocks of every type, from a seed. */
final class Samples {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final SplittableRandom random;

    Samples(long seed) {
        random = new SplittableRandom(seed);
    }

    float[] normal(int n) {
        float[] x = new float[n];
        for (int i = 0; i < n; i++) x[i] = (float) random.nextGaussian();
        return x;
    }

    static MemorySegment nativeSegment(long bytes) {
        return Arena.ofAuto().allocate(Math.max(bytes, 1), 64).asSlice(0, bytes);
    }

    Tensor weights(TensorType type, int rows, int columns) {
        MemorySegment data = nativeSegment(rows * type.bytes(columns));
        fill(type, data);
        return Tensor.of(type.name(), type, data, rows, columns);
    }

    /** Random bits everywhere, with scales between a half and two so that no element overflows or vanishes. */
    void fill(TensorType type, MemorySegment data) {
        if (type == TensorType.F32) {
            for (long at = 0; at < data.byteSize(); at += 4)
                data.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at, (float) random.nextGaussian());
            return;
        }
        for (long at = 0; at < data.byteSize(); at++) data.set(ValueLayout.JAVA_BYTE, at, (byte) random.nextInt());
        for (long at = 0; at < data.byteSize(); at += type.blockBytes()) {
            switch (type) {
                case F16 -> half(data, at);
                case BF16 -> data.set(SHORT, at, (short) (Float.floatToRawIntBits((float) random.nextGaussian()) >>> 16));
                case MXFP4 -> data.set(ValueLayout.JAVA_BYTE, at, (byte) (120 + random.nextInt(10)));
                case NVFP4 -> {
                    for (int i = 0; i < 4; i++) data.set(ValueLayout.JAVA_BYTE, at + i, (byte) (40 + random.nextInt(30)));
                }
                case Q2_K -> {
                    half(data, at + 80);
                    half(data, at + 82);
                }
                case Q3_K -> half(data, at + 108);
                case Q6_K -> half(data, at + 208);
                case Q4_1, Q5_1, Q4_K, Q5_K -> {
                    half(data, at);
                    half(data, at + 2);
                }
                case TQ1_0 -> half(data, at + 52);
                case TQ2_0 -> half(data, at + 64);
                case IQ1_M -> {
                    int scale = Float.floatToFloat16(0.5f + random.nextFloat());
                    for (int i = 0; i < 4; i++) {
                        int low = data.get(SHORT, at + 48 + 2 * i) & 0xFFF;
                        data.set(SHORT, at + 48 + 2 * i, (short) (low | (scale >> 4 * i & 15) << 12));
                    }
                }
                default -> half(data, at);
            }
        }
    }

    private void half(MemorySegment data, long at) {
        data.set(SHORT, at, Float.floatToFloat16((random.nextBoolean() ? 1 : -1) * (0.5f + random.nextFloat())));
    }
}
