package dev.laconic.kernels.block;

import dev.laconic.core.tensor.TensorType;
import java.lang.foreign.MemorySegment;

/** F32, F16 and BF16: one number after another. */
final class FloatCodec implements BlockCodec {
    private final TensorType type;

    FloatCodec(TensorType type) {
        this.type = type;
    }

    @Override
    public TensorType type() {
        return type;
    }

    @Override
    public void decode(MemorySegment source, long offset, int n, float[] y, int yOffset) {
        switch (type) {
            case F32 -> MemorySegment.copy(source, Bytes.FLOAT, offset, y, yOffset, n);
            case F16 -> {
                for (int i = 0; i < n; i++) y[yOffset + i] = Bytes.f16(source, offset + 2L * i);
            }
            case BF16 -> {
                for (int i = 0; i < n; i++)
                    y[yOffset + i] = Float.intBitsToFloat(Bytes.u16(source, offset + 2L * i) << 16);
            }
            default -> throw new AssertionError(type);
        }
    }
}
