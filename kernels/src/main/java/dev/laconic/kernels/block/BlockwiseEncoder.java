package dev.laconic.kernels.block;

import dev.laconic.core.tensor.TensorType;
import java.lang.foreign.MemorySegment;

/** An encoder that treats each block on its own. */
final class BlockwiseEncoder implements BlockEncoder {

    /** Encodes the block of elements {@code x[i ...]} at {@code at}. */
    interface Block {
        void encode(float[] x, int i, MemorySegment target, long at);
    }

    private final TensorType type;
    private final Block block;

    BlockwiseEncoder(TensorType type, Block block) {
        this.type = type;
        this.block = block;
    }

    @Override
    public TensorType type() {
        return type;
    }

    @Override
    public void encode(float[] x, int xOffset, int n, MemorySegment target, long offset) {
        if (n % type.blockElements() != 0)
            throw new IllegalArgumentException(
                    n + " elements are not a whole number of " + type + " blocks of " + type.blockElements());
        for (int i = 0; i < n; i += type.blockElements()) {
            block.encode(x, xOffset + i, target, offset);
            offset += type.blockBytes();
        }
    }
}
