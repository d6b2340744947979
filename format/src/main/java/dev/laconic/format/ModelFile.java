package dev.laconic.format;

import dev.laconic.core.tensor.Tensor;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * An open model file: metadata and tensors over the mapped bytes. Tensors are valid until {@link #close()}, after which
 * touching one throws {@link IllegalStateException}.
 */
public interface ModelFile extends AutoCloseable {

    Path path();

    /** What the metadata says, under GGUF's key names. */
    Metadata metadata();

    /** All tensors by name, in the file's order. */
    SequencedMap<String, Tensor> tensors();

    default Optional<Tensor> tensor(String name) {
        return Optional.ofNullable(tensors().get(name));
    }

    /** Unmaps the file; closing again does nothing. */
    @Override
    void close();
}
