package dev.laconic.train;

import java.time.Duration;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;

/** A progress bar on stderr: share of the recipe's tokens, tokens per second, time left, stage and loss. */
final class Meter implements AutoCloseable {
    private final ProgressBar bar;

    Meter(Recipe recipe, int stageIndex, int stageStep) {
        long all = 0;
        long done = 0;
        for (int i = 0; i < recipe.stages().size(); i++) {
            Recipe.Stage stage = recipe.stages().get(i);
            long tokens = (long) stage.steps() * stage.tokensPerStep();
            all += tokens;
            if (i < stageIndex) done += tokens;
            else if (i == stageIndex) done += (long) stageStep * stage.tokensPerStep();
        }
        bar = new ProgressBarBuilder()
                .setTaskName(recipe.name())
                .setInitialMax(all)
                .startsFrom(done, Duration.ZERO)
                .setUnit(" tokens", 1)
                .showSpeed()
                .setUpdateIntervalMillis(System.console() == null ? 30_000 : 500)
                .build();
    }

    void step(Recipe.Stage stage, double loss) {
        bar.setExtraMessage(" %s loss %.3f".formatted(stage.name(), loss));
        bar.stepBy(stage.tokensPerStep());
    }

    @Override
    public void close() {
        bar.close();
    }
}
