package dev.laconic.format.safetensors;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.format.io.Json;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Reads any bytes as a safetensors file or, where the first is an I, as the index of shards: success or a clear error. */
public final class SafetensorsFuzzer {
    private SafetensorsFuzzer() {}

    public static void fuzzerTestOneInput(byte[] data) {
        try {
            if (data.length > 0 && data[0] == 'I')
                SafetensorsDirectory.weightMap("fuzz", Json.parse("fuzz", Arrays.copyOfRange(data, 1, data.length)));
            else SafetensorsReader.read("fuzz", MemorySegment.ofArray(data));
        } catch (MalformedInputException e) {
            // What a broken file deserves.
        }
    }
}
