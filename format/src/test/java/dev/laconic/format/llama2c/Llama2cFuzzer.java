package dev.laconic.format.llama2c;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.error.UnsupportedModelException;
import dev.laconic.format.io.ByteReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;

/** Reads any bytes as a llama2.c tokenizer of as many tokens as the first says, and as a model: success or a clear error. */
public final class Llama2cFuzzer {
    private Llama2cFuzzer() {}

    public static void fuzzerTestOneInput(byte[] data) {
        MemorySegment bytes = MemorySegment.ofArray(data);
        try {
            if (data.length > 0) {
                ByteReader tokens = new ByteReader("fuzz", bytes.asSlice(1));
                Vocabulary.read("fuzz", tokens, Byte.toUnsignedInt(data[0])).describe(new LinkedHashMap<>());
            }
        } catch (MalformedInputException e) {
            // What a broken file deserves.
        }
        try (Arena arena = Arena.ofConfined()) {
            ByteReader in = new ByteReader("fuzz", bytes);
            Header header = Header.read("fuzz", in);
            WeightReader.read("fuzz", header, in, arena);
        } catch (MalformedInputException | UnsupportedModelException e) {
            // What a broken file deserves.
        }
    }
}
