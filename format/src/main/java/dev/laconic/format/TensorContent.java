package dev.laconic.format;

import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/** The bytes of a tensor that is made while it is written, so that a model larger than the heap can be. */
@FunctionalInterface
public interface TensorContent {

    /** Hands over all bytes in order, in chunks of any size; a chunk may be reused once {@code out} has returned. */
    void writeTo(Consumer<MemorySegment> out);
}
