package dev.laconic.cli;

import dev.laconic.core.technique.Pipeline;
import dev.laconic.core.technique.PipelineSpec;
import dev.laconic.core.technique.Stage;
import dev.laconic.core.technique.Techniques;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The techniques of a run, stage by stage. */
final class PipelineOptions {
    private static final String CHAIN = "id:key=value,...";

    @Option(names = "--prompt", paramLabel = CHAIN, description = "Prompt compression.")
    Optional<String> prompt = Optional.empty();

    @Option(names = "--prefill", paramLabel = CHAIN, description = "Pruning and merging between layers.")
    Optional<String> prefill = Optional.empty();

    @Option(names = "--cache", paramLabel = CHAIN, description = "KV cache compression and selection.")
    Optional<String> cache = Optional.empty();

    @Option(names = "--decode", paramLabel = CHAIN, description = "Decoding strategy.")
    Optional<String> decode = Optional.empty();

    /** The techniques named, made and checked; an unknown one is an error that lists those there are. */
    Pipeline pipeline() {
        PipelineSpec spec = PipelineSpec.NONE;
        spec = with(spec, Stage.PROMPT, prompt);
        spec = with(spec, Stage.PREFILL, prefill);
        spec = with(spec, Stage.CACHE, cache);
        spec = with(spec, Stage.DECODE, decode);
        return Techniques.installed().create(spec);
    }

    private static PipelineSpec with(PipelineSpec spec, Stage stage, Optional<String> chain) {
        return chain.map(text -> spec.with(stage, text)).orElse(spec);
    }
}
