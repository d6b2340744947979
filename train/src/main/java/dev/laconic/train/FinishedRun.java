package dev.laconic.train;

import dev.laconic.core.error.UsageException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A decoder's run that another one builds on.
 *
 * @param folder with its checkpoint and vocabulary
 * @param recipe that it followed
 * @param weights flat, as the recipe's shape lays them out
 */
record FinishedRun(Path folder, Recipe recipe, float[] weights) {
    static final String CHECKPOINT = "checkpoint.bin";
    static final String MERGES = "merges.txt";
    static final String RECIPE = "recipe.json";

    /** @throws UsageException if there is no such run */
    static FinishedRun read(Path folder, String neededBy) {
        if (!Files.exists(folder.resolve(CHECKPOINT)) || !Files.exists(folder.resolve(RECIPE)))
            throw new UsageException(neededBy + " builds on a run that is not in " + folder + ": train it first");
        Recipe recipe = Recipe.read(folder.resolve(RECIPE).toString());
        if (recipe.adapter().isPresent())
            throw new UsageException(neededBy + " cannot build on " + recipe.name() + ", which has adapters alone");
        Checkpoint state =
                Checkpoint.read(folder.resolve(CHECKPOINT), recipe.decoder().parameters());
        return new FinishedRun(folder, recipe, state.weights());
    }
}
