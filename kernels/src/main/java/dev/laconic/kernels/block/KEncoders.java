package dev.laconic.kernels.block;

import dev.laconic.core.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Encoders of the K-quants. Each group gets a scale (and minimum) from a search; these become small integers under the
 * super-block's f16 numbers; the levels are then chosen again for the scales that a reader will see.
 */
final class KEncoders implements BlockEncoder {
    private final TensorType type;

    KEncoders(TensorType type) {
        this.type = type;
    }

    @Override
    public TensorType type() {
        return type;
    }

    @Override
    public void encode(float[] x, int xOffset, int n, MemorySegment target, long offset) {
        if (n % 256 != 0) throw new IllegalArgumentException(n + " elements are not a whole number of blocks of 256");
        SuperBlock block = new SuperBlock();
        for (int i = 0; i < n; i += 256) {
            System.arraycopy(x, xOffset + i, block.x, 0, 256);
            MemorySegment at = target.asSlice(offset, type.blockBytes());
            switch (type) {
                case Q2_K -> block.q2(at);
                case Q3_K -> block.q3(at);
                case Q4_K -> block.q4or5(at, 15, -1f, 20);
                case Q5_K -> block.q4or5(at, 31, -0.5f, 15);
                case Q6_K -> block.q6(at);
                default -> throw new AssertionError(type);
            }
            offset += type.blockBytes();
        }
    }

    private static final class SuperBlock {
        final float[] x = new float[256];
        private final int[] levels = new int[256];
        private final float[] scales = new float[16];
        private final float[] mins = new float[16];
        private final float[] weights = new float[32];
        private final ScaleSearch search = new ScaleSearch();

        void q2(MemorySegment s) {
            for (int g = 0; g < 16; g++) {
                for (int i = 0; i < 16; i++) weights[i] = Math.abs(x[16 * g + i]);
                scales[g] = search.affine(x, 16 * g, 16, 3, weights, -0.5f, 15, true, levels);
                mins[g] = search.min();
            }
            float maxScale = largest(scales, 16);
            float maxMin = largest(mins, 16);
            float d = Bytes.putF16(s, 80, maxScale / 15);
            float dmin = Bytes.putF16(s, 82, maxMin / 15);
            float inverseScale = maxScale > 0 ? 15 / maxScale : 0;
            float inverseMin = maxMin > 0 ? 15 / maxMin : 0;
            for (int g = 0; g < 16; g++) {
                int scale = Rounding.even(inverseScale * scales[g]);
                int min = Rounding.even(inverseMin * mins[g]);
                Bytes.put8(s, g, scale | min << 4);
                affineLevels(16 * g, 16, d * scale, dmin * min, 3);
            }
            crumbs(s, 16);
        }

        void q3(MemorySegment s) {
            for (int g = 0; g < 16; g++) scales[g] = search.refined(x, 16 * g, 16, 4, levels);
            float extreme = Rounding.extreme(scales, 0, 16);
            float inverse = extreme == 0 ? 0 : -32 / extreme;
            float d = Bytes.putF16(s, 108, Rounding.inverse(inverse));
            s.asSlice(96, 12).fill((byte) 0);
            for (int g = 0; g < 16; g++) {
                int scale = extreme == 0 ? -32 : Rounding.clamp(Rounding.even(inverse * scales[g]), -32, 31);
                int code = scale + 32;
                or(s, 96 + g % 8, (code & 15) << 4 * (g / 8));
                or(s, 104 + g % 4, code >> 4 << 2 * (g / 4));
                symmetricLevels(16 * g, d * scale, 4);
            }
            s.asSlice(0, 32).fill((byte) 0);
            for (int i = 0; i < 256; i++) {
                or(s, i % 32, levels[i] >> 2 << i / 32);
                levels[i] &= 3;
            }
            crumbs(s, 32);
        }

        void q4or5(MemorySegment s, int most, float first, int steps) {
            for (int g = 0; g < 8; g++) {
                float squares = 0;
                for (int i = 0; i < 32; i++) squares += x[32 * g + i] * x[32 * g + i];
                float typical = (float) Math.sqrt(squares / 32);
                for (int i = 0; i < 32; i++) weights[i] = typical + Math.abs(x[32 * g + i]);
                scales[g] = search.affine(x, 32 * g, 32, most, weights, first, steps, false, levels);
                mins[g] = search.min();
            }
            float maxScale = largest(scales, 8);
            float maxMin = largest(mins, 8);
            float d = Bytes.putF16(s, 0, maxScale / 63);
            float dmin = Bytes.putF16(s, 2, maxMin / 63);
            float inverseScale = maxScale > 0 ? 63 / maxScale : 0;
            float inverseMin = maxMin > 0 ? 63 / maxMin : 0;
            s.asSlice(4, 12).fill((byte) 0);
            for (int g = 0; g < 8; g++) {
                int scale = Math.min(63, Rounding.even(inverseScale * scales[g]));
                int min = Math.min(63, Rounding.even(inverseMin * mins[g]));
                putScaleAndMin(s, g, scale, min);
                affineLevels(32 * g, 32, d * scale, dmin * min, most);
            }
            int nibbles = most == 15 ? 16 : 48;
            if (most == 31) {
                s.asSlice(16, 32).fill((byte) 0);
                for (int i = 0; i < 256; i++) or(s, 16 + i % 32, levels[i] >> 4 << i / 32);
            }
            for (int quarter = 0; quarter < 4; quarter++)
                for (int j = 0; j < 32; j++) {
                    int low = levels[64 * quarter + j] & 15;
                    Bytes.put8(s, nibbles + 32 * quarter + j, low | levels[64 * quarter + 32 + j] << 4);
                }
        }

        void q6(MemorySegment s) {
            for (int g = 0; g < 16; g++) scales[g] = search.symmetric(x, 16 * g, 16, 32, levels);
            float extreme = Rounding.extreme(scales, 0, 16);
            if (Math.abs(extreme) < Rounding.NOTHING) {
                s.fill((byte) 0);
                return;
            }
            float inverse = -128 / extreme;
            float d = Bytes.putF16(s, 208, 1 / inverse);
            for (int g = 0; g < 16; g++) {
                int scale = Math.min(127, Rounding.even(inverse * scales[g]));
                Bytes.put8(s, 192 + g, scale);
                symmetricLevels(16 * g, d * scale, 32);
            }
            for (int half = 0; half < 2; half++) {
                for (int j = 0; j < 64; j++) {
                    int i = 128 * half + j;
                    Bytes.put8(s, 64 * half + j, levels[i] & 15 | levels[i + 64] << 4);
                }
                for (int j = 0; j < 32; j++) {
                    int high = 0;
                    for (int n = 0; n < 4; n++) high |= levels[128 * half + 32 * n + j] >> 4 << 2 * n;
                    Bytes.put8(s, 128 + 32 * half + j, high);
                }
            }
        }

        private void affineLevels(int from, int n, float scale, float min, int most) {
            if (scale == 0) return;
            for (int i = from; i < from + n; i++)
                levels[i] = Rounding.clamp(Rounding.even((x[i] + min) / scale), 0, most);
        }

        private void symmetricLevels(int from, float scale, int half) {
            if (scale == 0) return;
            for (int i = from; i < from + 16; i++)
                levels[i] = Rounding.clamp(Rounding.even(x[i] / scale), -half, half - 1) + half;
        }

        private void crumbs(MemorySegment s, long at) {
            for (int half = 0; half < 2; half++)
                for (int j = 0; j < 32; j++) {
                    int bits = 0;
                    for (int n = 0; n < 4; n++) bits |= levels[128 * half + 32 * n + j] << 2 * n;
                    Bytes.put8(s, at + 32 * half + j, bits);
                }
        }

        private static float largest(float[] values, int n) {
            float largest = 0;
            for (int i = 0; i < n; i++) if (values[i] > largest) largest = values[i];
            return largest;
        }

        private static void putScaleAndMin(MemorySegment s, int g, int scale, int min) {
            if (g < 4) {
                or(s, 4 + g, scale);
                or(s, 8 + g, min);
            } else {
                or(s, 8 + g, scale & 15 | (min & 15) << 4);
                or(s, g, scale >> 4 << 6);
                or(s, 4 + g, min >> 4 << 6);
            }
        }

        private static void or(MemorySegment s, long at, int bits) {
            Bytes.put8(s, at, s.get(ValueLayout.JAVA_BYTE, at) | bits);
        }
    }
}
