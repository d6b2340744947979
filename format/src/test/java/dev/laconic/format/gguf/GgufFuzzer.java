package dev.laconic.format.gguf;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.error.UnsupportedModelException;
import java.lang.foreign.MemorySegment;

/** Reads any bytes as a GGUF file: success or a clear error. */
public final class GgufFuzzer {
    private GgufFuzzer() {}

    public static void fuzzerTestOneInput(byte[] data) {
        try {
            GgufReader.Part part = GgufReader.read("fuzz", MemorySegment.ofArray(data));
            part.metadata().asMap().values().forEach(Object::hashCode);
            part.tensors().values().forEach(tensor -> tensor.rows(0, tensor.rows()));
        } catch (MalformedInputException | UnsupportedModelException e) {
            // What a broken file deserves.
        }
    }
}
