package dev.laconic.model.load;

import dev.laconic.format.ModelFile;
import dev.laconic.format.ModelFiles;
import dev.laconic.format.safetensors.SafetensorsDirectory;
import dev.laconic.kernels.KernelOptions;
import dev.laconic.kernels.Kernels;
import dev.laconic.model.Model;
import dev.laconic.model.load.huggingface.HuggingFaceModel;
import dev.laconic.tokenize.Tokenizer;
import dev.laconic.tokenize.Tokenizers;
import java.nio.file.Path;
import java.util.Optional;

/** Opens models of every format, ready to run. */
public final class ModelLoader {
    private ModelLoader() {}

    /**
     * What to open a model with.
     *
     * @param tokenizer the tokenizer's file, where it is not part of the model or beside it
     * @param context positions to run at; see {@link Model#of}
     */
    public record Options(Optional<Path> tokenizer, KernelOptions kernels, Optional<Integer> context) {
        public static final Options DEFAULTS = new Options(Optional.empty(), KernelOptions.defaults(), Optional.empty());
    }

    /** Opens the model at {@code path}: a GGUF file, a Hugging Face directory, or a llama2.c file. */
    public static LoadedModel open(Path path, Options options) {
        ModelFile file = file(path, options.tokenizer());
        Kernels kernels = Kernels.of(options.kernels());
        try {
            Tokenizer tokenizer = Tokenizers.of(file.metadata());
            return new LoadedModel(Model.of(file, kernels, options.context()), tokenizer, kernels);
        } catch (Throwable failure) {
            file.close();
            kernels.close();
            throw failure;
        }
    }

    /** The model's metadata and tensors under GGUF's names, whatever its format. */
    public static ModelFile file(Path path, Optional<Path> tokenizer) {
        return switch (ModelFiles.open(path, tokenizer)) {
            case SafetensorsDirectory directory -> HuggingFaceModel.of(directory);
            case ModelFile file -> file;
        };
    }

    /** The tokenizer alone. */
    public static Tokenizer tokenizer(Path path, Optional<Path> tokenizer) {
        try (ModelFile file = file(path, tokenizer)) {
            return Tokenizers.of(file.metadata());
        }
    }
}
