package dev.laconic.core.technique.sample;

import dev.laconic.core.Budget;
import dev.laconic.core.technique.Fidelity;
import dev.laconic.core.technique.Need;
import dev.laconic.core.technique.Option;
import dev.laconic.core.technique.Stage;
import dev.laconic.core.technique.Technique;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** One option of every kind. */
@Technique(
        id = "sink-trimmer",
        stage = Stage.CACHE,
        fidelity = Fidelity.APPROXIMATE,
        title = "Sinks \"and\" windows",
        paper = "2309.17453",
        needs = {Need.ATTENTION_SCORES, Need.HIDDEN_ROWS})
public final class SinkTrimmer implements Trimmer {

    /** An option's choices. */
    public enum Merge {
        NEVER,
        PER_TOKEN
    }

    private final String description;

    public SinkTrimmer(
            @Option(value = "4", min = 0, max = 64, help = "entries kept at the start") int sinks,
            @Option(name = "window", value = "1020", min = 1, help = "entries kept at the end") long windowSize,
            @Option(value = "0.5", min = 0, max = 1, help = "score below which an entry goes") double threshold,
            @Option(value = "false", help = "whether keys are moved") boolean rotate,
            @Option(value = "never", help = "what is merged") Merge merge,
            @Option(value = "25%", help = "what is kept") Budget budget,
            @Option(value = "a,b", help = "a name") String label,
            @Option(help = "layers it works in; all if empty") List<Integer> layers,
            @Option(help = "merges tried") List<Merge> merges,
            @Option(help = "trained weights") Optional<Path> weights) {
        if (sinks >= windowSize) throw new IllegalArgumentException("sinks " + sinks + " leave no window");
        description = "%d %d %s %s %s %s %s %s %s %s"
                .formatted(sinks, windowSize, threshold, rotate, merge, budget, label, layers, merges, weights);
    }

    @Override
    public String describe() {
        return description;
    }
}
