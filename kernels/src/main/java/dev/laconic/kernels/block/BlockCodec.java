package dev.laconic.kernels.block;

import dev.laconic.core.tensor.TensorType;
import java.lang.foreign.MemorySegment;

/** Decodes the elements of one tensor type. Stateless, safe for all threads. */
public interface BlockCodec {

    TensorType type();

    /**
     * Decodes {@code n} elements, a whole number of blocks, whose bytes begin at {@code offset} of {@code source}.
     *
     * @throws IndexOutOfBoundsException if source or y is too short
     */
    void decode(MemorySegment source, long offset, int n, float[] y, int yOffset);
}
