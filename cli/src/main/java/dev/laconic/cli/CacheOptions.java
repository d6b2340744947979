package dev.laconic.cli;

import dev.laconic.core.technique.Pipeline;
import dev.laconic.core.technique.PipelineSpec;
import dev.laconic.core.technique.Stage;
import dev.laconic.core.technique.Techniques;
import picocli.CommandLine.Option;

/** The cache techniques of commands that have no others. */
final class CacheOptions {
    @Option(
            names = "--cache",
            paramLabel = "id:key=value,...",
            defaultValue = "none",
            description = "KV cache compression and selection.")
    String cache;

    /** The techniques named, made and checked; an unknown one is an error that lists those there are. */
    Pipeline pipeline() {
        return Techniques.installed().create(PipelineSpec.NONE.with(Stage.CACHE, cache));
    }
}
