package dev.laconic.cli;

import picocli.CommandLine.Command;

@Command(
        name = "bench",
        description = "Measures models and techniques.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "WHAT",
        subcommands = {
            BenchTasksCommand.class,
            BenchCacheCommand.class,
            BenchReuseCommand.class,
            BenchHeadsCommand.class,
            BenchDraftCommand.class,
            BenchSentencesCommand.class,
            BenchModelCommand.class,
            BenchAttentionCommand.class,
            BenchSpeedCommand.class,
            BenchKernelsCommand.class
        })
final class BenchCommand {}
