package dev.laconic.cli;

import java.util.Optional;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;

/** A progress bar on stderr where a person watches, and nothing where none does. */
final class Progress implements AutoCloseable {
    private final String task;
    private Optional<ProgressBar> bar = Optional.empty();

    Progress(String task) {
        this.task = task;
    }

    void update(long done, long total) {
        if (!Terminal.STDERR.present()) return;
        if (bar.isEmpty())
            bar = Optional.of(new ProgressBarBuilder()
                    .setTaskName(task)
                    .setInitialMax(total)
                    .setUpdateIntervalMillis(100)
                    .showSpeed()
                    .clearDisplayOnFinish()
                    .build());
        bar.get().stepTo(done);
        if (done >= total) close();
    }

    @Override
    public void close() {
        bar.ifPresent(ProgressBar::close);
        bar = Optional.empty();
    }
}
