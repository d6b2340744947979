package dev.laconic.format.llama2c;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.tensor.Tensor;
import dev.laconic.format.Metadata;
import dev.laconic.format.ModelFile;
import dev.laconic.format.io.ByteReader;
import dev.laconic.format.io.MappedFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;

/**
 * A llama2.c model in any of its three layouts (legacy float32, version 1 float32, version 2 int8), presented as the
 * GGUF file of the same llama model would be: the same metadata keys, the same tensor names.
 *
 * <p>Float32 weights are memory-mapped. Int8 weights have a float32 scale for each group of a size the file chooses,
 * which no block type can hold, so they are multiplied out to float32 outside the heap: exact, at four times the bytes.
 *
 * <p>Without a tokenizer file the metadata has no {@code tokenizer.ggml} keys. A text ends at the end-of-text token 2
 * or, as llama2.c has it, at the beginning of the next one, token 1: that is the end-of-turn token.
 */
public final class Llama2cFile implements ModelFile {
    private final Path path;
    private final Arena arena;
    private final Metadata metadata;
    private final SequencedMap<String, Tensor> tensors;

    private Llama2cFile(Path path, Arena arena, Metadata metadata, SequencedMap<String, Tensor> tensors) {
        this.path = path;
        this.arena = arena;
        this.metadata = metadata;
        this.tensors = Collections.unmodifiableSequencedMap(tensors);
    }

    /**
     * @param tokenizer the tokenizer file; if empty, {@code tok<vocabulary>.bin} or {@code tokenizer.bin} beside the
     *     model is taken where there is one
     * @throws MalformedInputException if the model's size is not what its header says, or the tokenizer file does not
     *     hold exactly the model's vocabulary
     * @throws dev.laconic.core.error.UnsupportedModelException for another version
     * @throws dev.laconic.core.error.LaconicException if a file cannot be read
     */
    public static Llama2cFile open(Path model, Optional<Path> tokenizer) {
        Arena arena = Arena.ofShared();
        try {
            MemorySegment file = MappedFile.map(model, arena);
            ByteReader in = new ByteReader(model.toString(), file);
            Header header = Header.read(model.toString(), in);
            SequencedMap<String, Object> values = describe(model, header);
            tokenizer
                    .or(() -> tokenizerBeside(model, header.vocabulary()))
                    .map(path -> Vocabulary.read(path, header.vocabulary()))
                    .ifPresent(vocabulary -> vocabulary.describe(values));
            SequencedMap<String, Tensor> tensors = WeightReader.read(model.toString(), header, in, arena);
            return new Llama2cFile(model, arena, new Metadata(model.toString(), values), tensors);
        } catch (Throwable e) {
            arena.close();
            throw e;
        }
    }

    /**
     * A tokenizer file alone, as GGUF's metadata describe the same tokenizer.
     *
     * @param vocabulary tokens it must hold
     * @throws MalformedInputException if it does not hold exactly these
     */
    public static Metadata tokenizer(Path file, int vocabulary) {
        SequencedMap<String, Object> values = new LinkedHashMap<>();
        Vocabulary.read(file, vocabulary).describe(values);
        return new Metadata(file.toString(), values);
    }

    /** Whether the first bytes of a file are the header of a llama2.c model, of the legacy layout too. */
    public static boolean recognises(MemorySegment bytes) {
        if (bytes.byteSize() >= 4 && bytes.get(ByteReader.INT, 0) == Header.MAGIC) return true;
        try {
            Header.read("", new ByteReader("", bytes));
            return true;
        } catch (MalformedInputException e) {
            return false;
        }
    }

    private static Optional<Path> tokenizerBeside(Path model, int vocabulary) {
        return Stream.of("tok" + vocabulary + ".bin", "tokenizer.bin")
                .map(model::resolveSibling)
                .filter(Files::isRegularFile)
                .findFirst();
    }

    private static SequencedMap<String, Object> describe(Path model, Header header) {
        SequencedMap<String, Object> values = new LinkedHashMap<>();
        values.put("general.architecture", "llama");
        values.put("general.name", model.getFileName().toString());
        values.put("llama.vocab_size", (long) header.vocabulary());
        values.put("llama.context_length", (long) header.contextLength());
        values.put("llama.embedding_length", (long) header.dim());
        values.put("llama.block_count", (long) header.layers());
        values.put("llama.feed_forward_length", (long) header.hiddenDim());
        values.put("llama.attention.head_count", (long) header.heads());
        values.put("llama.attention.head_count_kv", (long) header.kvHeads());
        values.put("llama.attention.layer_norm_rms_epsilon", 1e-5);
        values.put("llama.rope.dimension_count", (long) header.headSize());
        values.put("llama.rope.freq_base", 10_000.0);
        return values;
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public Metadata metadata() {
        return metadata;
    }

    @Override
    public SequencedMap<String, Tensor> tensors() {
        return tensors;
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) arena.close();
    }
}
