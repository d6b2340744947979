package dev.laconic.core.tensor;

import java.io.FileDescriptor;
import java.lang.foreign.MemorySegment;

/**
 * A file that is mapped into memory and open for as long as it is. Who wants many bytes once reads them sooner from the file:
 * each few pages of a mapping that nobody has touched are a fault.
 *
 * @param bytes all of the file
 * @param file the open file, not valid once the mapping is gone
 */
public record FileMapping(MemorySegment bytes, FileDescriptor file) {

    /** Where in the file a part of the mapping begins. */
    public long offset(MemorySegment part) {
        return part.address() - bytes.address();
    }
}
