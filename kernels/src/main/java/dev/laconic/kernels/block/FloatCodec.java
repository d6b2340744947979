package dev.laconic.kernels.block;

import dev.laconic.core.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** F32, F16 and BF16: one number after another. */
final class FloatCodec implements BlockCodec {
    /** Numbers in 16 bits that are read at once. */
    private static final int MOST = 1024;

    private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

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
        if (type == TensorType.F32) {
            MemorySegment.copy(source, Bytes.FLOAT, offset, MemorySegment.ofArray(y), ValueLayout.JAVA_FLOAT, 4L * yOffset, n);
            return;
        }
        Scratch scratch = SCRATCH.get();
        for (int i = 0; i < n; i += MOST) {
            int some = Math.min(n - i, MOST);
            MemorySegment.copy(source, offset + 2L * i, scratch.memory, 0, 2L * some);
            for (int j = 0; j < some; j++)
                y[yOffset + i + j] = type == TensorType.F16
                        ? Bytes.f16(scratch.bytes, 2 * j)
                        : Float.intBitsToFloat(Bytes.u16(scratch.bytes, 2 * j) << 16);
        }
    }

    private static final class Scratch {
        final byte[] bytes = new byte[2 * MOST];
        final MemorySegment memory = MemorySegment.ofArray(bytes);
    }
}
