package dev.laconic.model.load;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.tensor.Tensor;
import dev.laconic.format.Metadata;
import dev.laconic.format.ModelFile;
import dev.laconic.format.ModelFiles;
import dev.laconic.format.llama2c.Llama2cFile;
import dev.laconic.format.safetensors.SafetensorsDirectory;
import dev.laconic.kernels.KernelOptions;
import dev.laconic.kernels.Kernels;
import dev.laconic.model.Model;
import dev.laconic.model.load.huggingface.GgufLayout;
import dev.laconic.model.load.huggingface.HuggingFaceModel;
import dev.laconic.tokenize.Tokenizer;
import dev.laconic.tokenize.Tokenizers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

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
        FutureTask<Kernels> making = start("laconic-kernels", () -> Kernels.of(options.kernels()));
        AtomicReference<FutureTask<Tokenizer>> early = new AtomicReference<>();
        ModelFile file;
        try {
            file = file(path, options.tokenizer(), metadata -> {
                if (options.tokenizer().isEmpty()) early.set(start("laconic-tokenizer", () -> Tokenizers.of(metadata)));
            });
        } catch (Throwable failure) {
            result(making).close();
            throw failure;
        }
        Kernels kernels;
        try {
            kernels = result(making);
        } catch (Throwable failure) {
            file.close();
            throw failure;
        }
        FutureTask<Tokenizer> reading = early.get() != null
                ? early.get()
                : start("laconic-tokenizer", () -> tokenizer(file, options.tokenizer()));
        try {
            return new LoadedModel(Model.of(file, kernels, options.context()), () -> result(reading), kernels);
        } catch (Throwable failure) {
            file.close();
            kernels.close();
            throw failure;
        }
    }

    private static <T> FutureTask<T> start(String name, Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofPlatform().daemon().name(name).start(task);
        return task;
    }

    private static <T> T result(FutureTask<T> task) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException later) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException failure) {
            if (failure.getCause() instanceof RuntimeException cause) throw cause;
            if (failure.getCause() instanceof Error cause) throw cause;
            throw new IllegalStateException(failure);
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    /** The model's metadata and tensors under GGUF's names, whatever its format. */
    public static ModelFile file(Path path, Optional<Path> tokenizer) {
        return file(path, tokenizer, metadata -> {});
    }

    private static ModelFile file(Path path, Optional<Path> tokenizer, Consumer<Metadata> described) {
        ModelFile file = ModelFiles.open(path, tokenizer, described);
        return file instanceof SafetensorsDirectory directory ? HuggingFaceModel.of(directory) : file;
    }

    /**
     * The same, laid out as GGUF files have it: for those who write one.
     *
     * @param tokenizer a llama2.c model's tokenizer file
     */
    public static ModelFile forWriting(Path path, Optional<Path> tokenizer) {
        return switch (file(path, tokenizer)) {
            case HuggingFaceModel model -> GgufLayout.of(model);
            case ModelFile file -> file;
        };
    }

    /** The tokenizer alone; a Hugging Face directory needs no weights for it, and a tokenizer file may stand for a model. */
    public static Tokenizer tokenizer(Path path, Optional<Path> tokenizer) {
        if (Files.isDirectory(path) && tokenizer.isEmpty()) return Tokenizers.ofDirectory(path);
        if (tokenizer.isEmpty() && Tokenizers.isTokenizer(path)) return Tokenizers.ofFile(path);
        try (ModelFile file = file(path, tokenizer)) {
            return tokenizer(file, tokenizer);
        }
    }

    /** The tokenizer the user chose, or else the one in or beside the model. */
    private static Tokenizer tokenizer(ModelFile file, Optional<Path> tokenizer) {
        return tokenizer.map(chosen -> isOfLlama2c(chosen)
                        ? Tokenizers.of(Llama2cFile.tokenizer(chosen, vocabulary(file)))
                        : Tokenizers.ofFile(chosen))
                .orElseGet(() -> file instanceof HuggingFaceModel model
                        ? Tokenizers.ofDirectory(model.directory().folder())
                        : Tokenizers.of(file.metadata()));
    }

    private static boolean isOfLlama2c(Path tokenizer) {
        return tokenizer.toString().endsWith(".bin");
    }

    /** A llama2.c tokenizer does not say how many tokens it has; the model's embedding does. */
    private static int vocabulary(ModelFile file) {
        return file.tensor("token_embd.weight")
                .map(Tensor::rows)
                .orElseThrow(() -> new MalformedInputException(
                        file.path().toString(), "tensor token_embd.weight", "nothing", "a matrix"));
    }
}
