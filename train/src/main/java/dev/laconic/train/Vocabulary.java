package dev.laconic.train;

import dev.laconic.bench.workload.Prose;
import dev.laconic.bench.workload.Split;
import dev.laconic.bench.workload.Task;
import dev.laconic.bench.workload.Workload;
import dev.laconic.bench.workload.Workloads;
import dev.laconic.tokenize.train.BpeTrainer;
import dev.laconic.tokenize.train.ByteLevelBpe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** The vocabulary of the house models, learnt from the training texts and from tasks over them. */
final class Vocabulary {
    private static final int TASKS_PER_WORKLOAD = 300;
    private static final int TASK_LENGTH = 400;

    private Vocabulary() {}

    /** The vocabulary in {@code file}, or one that is learnt and written there. */
    static ByteLevelBpe of(Path file, Prose prose, int size) {
        try {
            if (!Files.exists(file)) write(file, learn(prose, size).mergeLines());
            return ByteLevelBpe.parse(ChatFormat.SPECIALS, Files.readAllLines(file));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot use " + file, e);
        }
    }

    /** Writes a vocabulary for {@link #of} to a temporary name, then moves it. */
    static void write(Path file, List<String> mergeLines) throws IOException {
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        Files.write(temporary, mergeLines);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    static ByteLevelBpe learn(Prose prose, int size) {
        BpeTrainer trainer = new BpeTrainer();
        prose.unwrapped().forEach(trainer::add);
        Spaced.of(prose.unwrapped()).forEach(trainer::add);
        for (Workload workload : Workloads.over(prose))
            for (int i = 0; i < TASKS_PER_WORKLOAD; i++) {
                Task task = workload.generate(
                        Split.TRAIN.random("vocabulary-" + workload.id(), i), TASK_LENGTH, text -> text.length() / 3);
                trainer.add(task.prompt());
                trainer.add(" " + task.question().answer());
            }
        return trainer.train(ChatFormat.SPECIALS, size);
    }
}
