package dev.laconic.cli;

import dev.laconic.cache.CacheStage;
import dev.laconic.core.error.UsageException;
import dev.laconic.core.technique.Pipeline;
import dev.laconic.kernels.KernelOptions;
import dev.laconic.kernels.KernelOptions.Activations;
import dev.laconic.kernels.KvType;
import dev.laconic.model.Sequence;
import dev.laconic.model.chat.ChatPrompt;
import dev.laconic.model.load.LoadedModel;
import dev.laconic.model.load.ModelLoader;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which model runs, and on what. */
final class ModelOptions {
    @Option(
            names = {"-m", "--model"},
            paramLabel = "M",
            description = "A GGUF file, a Hugging Face directory with safetensors, or a llama2.c .bin file (default: the"
                    + " small model that comes with the program, models/house-lm.gguf; where texts are embedded"
                    + " models/house-encoder.gguf).")
    Path model;

    @Option(
            names = "--tokenizer",
            paramLabel = "F",
            description = "The tokenizer's file, where it is not part of the model or beside it.")
    Path tokenizer;

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "N",
            defaultValue = "0",
            description = "Threads that compute; 0, the default, is all processors.")
    int threads;

    @Option(
            names = "--provider",
            paramLabel = "P",
            defaultValue = "auto",
            description = "Arithmetic: auto, native, vector or scalar (default: ${DEFAULT-VALUE}).")
    String provider;

    @Option(
            names = "--activations",
            paramLabel = "A",
            description = "What quantised weights are multiplied with: f32, int8, or auto, which is int8 where that is faster:"
                    + " where native kernels compute, and for Q4_0 and Q4_K. Weights in bf16 meet bf16 where the processor"
                    + " multiplies that, or f32 (default: auto; f32 for logits).")
    String activations;

    @Option(
            names = "--kv",
            paramLabel = "TYPE",
            description = "How keys and values are kept: f32, f16, bf16, q8_0 or q4_0 (default: f16; f32 for logits).")
    String kv;

    @Option(
            names = "--context",
            paramLabel = "N",
            description = "Positions to run at, for models that tell short and long contexts apart.")
    Optional<Integer> context = Optional.empty();

    Path path() {
        return path("house-lm");
    }

    private Path path(String usual) {
        if (model == null)
            return HouseModels.file(usual)
                    .orElseThrow(() -> new UsageException(
                            "give a model: --model FILE.gguf (or a directory, or a llama2.c .bin)"));
        if (!Files.exists(model)) throw new UsageException("there is no model at " + model);
        return model;
    }

    LoadedModel open() {
        return open(Activations.AUTO);
    }

    /** Opens the model, else the house model of this name. */
    LoadedModel open(String usual) {
        return open(path(usual), Activations.AUTO);
    }

    /** Opens the model with activations as asked, else as is usual for the command. */
    LoadedModel open(Activations usual) {
        return open(path(), usual);
    }

    private LoadedModel open(Path file, Activations usual) {
        return ModelLoader.open(file, new ModelLoader.Options(Optional.ofNullable(tokenizer), kernels(usual), context));
    }

    KernelOptions kernels() {
        return kernels(Activations.AUTO);
    }

    private KernelOptions kernels(Activations usual) {
        Activations chosen = activations == null ? usual : constant("--activations", Activations.class, activations);
        return new KernelOptions(provider, threads, chosen);
    }

    /** A sequence that keeps keys and values as asked, else in f16, and that a pipeline's cache techniques watch. */
    Sequence sequence(LoadedModel loaded, Pipeline pipeline) {
        return stage(loaded, pipeline).attach(sequence(loaded));
    }

    /** A pipeline's cache techniques, for prompts that are not put together from passages. */
    static CacheStage stage(LoadedModel loaded, Pipeline pipeline) {
        CacheStage stage = CacheStage.of(pipeline, loaded.model(), loaded.tokenizer());
        stage.blends().ifPresent(technique -> {
            throw new UsageException("--cache: " + technique + " puts passages of a document together: see laconic ask");
        });
        return stage;
    }

    /** A sequence that keeps keys and values as asked, else in f16. */
    Sequence sequence(LoadedModel loaded) {
        return sequence(loaded, KvType.F16);
    }

    /** A sequence that keeps keys and values as asked, else as is usual for the command. */
    Sequence sequence(LoadedModel loaded, KvType usual) {
        KvType type = kv == null ? usual : constant("--kv", KvType.class, kv);
        if (!type.appendable())
            throw new UsageException("--kv: " + kv + " shares scales among entries, which are appended one by one: see --cache");
        return loaded.model().newSequence(type, type);
    }

    /** Asks by the model's chat template, or as a plain dialogue, and then says so. */
    ChatPrompt chatPrompt(LoadedModel loaded, PrintWriter err) {
        if (loaded.chatTemplate().isEmpty())
            err.println("laconic: the model brings no chat template; it is asked as a plain dialogue");
        return loaded.chatPrompt();
    }

    static <E extends Enum<E>> E constant(String option, Class<E> type, String text) {
        for (E value : type.getEnumConstants()) if (value.name().equalsIgnoreCase(text)) return value;
        StringBuilder names = new StringBuilder();
        for (E value : type.getEnumConstants())
            names.append(names.isEmpty() ? "" : ", ").append(value.name().toLowerCase(Locale.ROOT));
        throw new UsageException(option + ": found " + text + ", expected one of " + names);
    }
}
