package dev.laconic.kernels.block;

import dev.laconic.core.tensor.TensorType;
import java.lang.foreign.MemorySegment;

/** Encodes float32 elements as one tensor type, by the choices of scale that the format's own tools make. Stateless. */
public interface BlockEncoder {

    TensorType type();

    /** Encodes {@code n} elements, a whole number of blocks, whose bytes will begin at {@code offset} of target. */
    void encode(float[] x, int xOffset, int n, MemorySegment target, long offset);
}
