package dev.laconic.cli;

import dev.laconic.train.Recipe;
import dev.laconic.train.Trainer;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "train",
        description = "Trains a model as a recipe says, on this machine.",
        footer = {"", "Example:", "  laconic train house-lm --corpus texts --resume"})
final class TrainCommand extends ProgramCommand {
    @Parameters(paramLabel = "RECIPE", description = "A recipe file (JSON), or a built-in one: ${COMPLETION-CANDIDATES}.",
            completionCandidates = BuiltIn.class)
    String recipe;

    @Option(
            names = "--corpus",
            paramLabel = "DIR",
            defaultValue = "corpus",
            description = "Folder with the texts that the recipe names (default: ${DEFAULT-VALUE}).")
    Path corpus;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Folder for checkpoints, loss curve and the finished model (default: training/RECIPE).")
    Optional<Path> out = Optional.empty();

    @Option(names = "--resume", description = "Go on from the folder's last checkpoint.")
    boolean resume;

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "N",
            defaultValue = "0",
            description = "Threads that compute; 0, the default, is all processors. The result does not depend on it.")
    int threads;

    @Override
    public Integer call() {
        Recipe chosen = Recipe.read(recipe);
        Path folder = out.orElse(Path.of("training", chosen.name()));
        int workers = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
        try (Interrupt interrupt = new Interrupt();
                Trainer trainer = new Trainer(chosen, corpus, folder, HouseModels::file, resume, workers)) {
            trainer.run(interrupt::requested);
            if (interrupt.requested()) {
                err().println("Stopped; --resume goes on from the last checkpoint.");
                return 130;
            }
            trainer.export(folder);
        }
        err().println("The model is " + folder.resolve(chosen.name() + ".gguf"));
        return 0;
    }

    /** The recipes that come with the program. */
    static final class BuiltIn implements Iterable<String> {
        @Override
        public java.util.Iterator<String> iterator() {
            return Recipe.builtIn().iterator();
        }
    }
}
