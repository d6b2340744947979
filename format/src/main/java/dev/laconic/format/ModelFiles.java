package dev.laconic.format;

import dev.laconic.core.error.LaconicException;
import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.error.UnsupportedModelException;
import dev.laconic.format.gguf.GgufFile;
import dev.laconic.format.io.ByteReader;
import dev.laconic.format.io.MappedFile;
import dev.laconic.format.llama2c.Llama2cFile;
import dev.laconic.format.safetensors.SafetensorsDirectory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Opens models of every format this module reads. */
public final class ModelFiles {
    private static final List<String> FORMATS =
            List.of("GGUF files", "Hugging Face safetensors folders and files", "llama2.c .bin files");

    private static final int GGUF = 0x46554747;
    private static final int ZIP = 0x04034b50;
    private static final int GGML = 0x67676d6c;
    private static final int GGMF = 0x67676d66;
    private static final int GGJT = 0x67676a74;
    private static final int GGLA = 0x67676c61;

    private ModelFiles() {}

    /**
     * Opens the model at {@code path}, its format told by its content.
     *
     * @param tokenizer the tokenizer file the user chose. A llama2.c tokenizer ({@code .bin}) for a llama2.c model
     *     becomes part of its metadata; any other is for those who tokenize to read.
     * @throws MalformedInputException if the file is empty or breaks its format
     * @throws UnsupportedModelException if it is of no format known here
     * @throws LaconicException if it cannot be read
     */
    public static ModelFile open(Path path, Optional<Path> tokenizer) {
        return open(path, tokenizer, metadata -> {});
    }

    /**
     * Opens the model at {@code path} as {@link #open(Path, Optional)} does.
     *
     * @param described is told a GGUF model's metadata, if it is in one part, before its tensors are read
     */
    public static ModelFile open(Path path, Optional<Path> tokenizer, Consumer<Metadata> described) {
        if (Files.isDirectory(path) || path.toString().endsWith(SafetensorsDirectory.INDEX))
            return SafetensorsDirectory.open(path);
        return switch (format(path)) {
            case GGUF -> GgufFile.open(path, described);
            case SAFETENSORS -> SafetensorsDirectory.open(path);
            case LLAMA2C ->
                Llama2cFile.open(path, tokenizer.filter(file -> file.toString().endsWith(".bin")));
        };
    }

    private enum Format {
        GGUF,
        SAFETENSORS,
        LLAMA2C
    }

    private static Format format(Path path) {
        String name = path.toString();
        if (name.endsWith(".gguf")) return Format.GGUF;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = MappedFile.map(path, arena);
            if (bytes.byteSize() < Integer.BYTES)
                throw new MalformedInputException(
                        name, "file size", bytes.byteSize() + " bytes", String.join(", ", FORMATS));
            int magic = bytes.get(ByteReader.INT, 0);
            if (magic == GGUF) return Format.GGUF;
            if (SafetensorsDirectory.recognises(bytes) || name.endsWith(".safetensors")) return Format.SAFETENSORS;
            if (Llama2cFile.recognises(bytes)) return Format.LLAMA2C;
            throw new UnsupportedModelException(name, "format", describe(magic), FORMATS);
        }
    }

    private static String describe(int magic) {
        return switch (magic) {
            case ZIP -> "a zip archive, such as a PyTorch checkpoint,";
            case GGML, GGMF, GGJT, GGLA -> "a GGML file older than GGUF";
            default -> String.format("a file that begins with the bytes %08x", Integer.reverseBytes(magic));
        };
    }
}
