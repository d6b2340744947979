package dev.laconic.bench.workload;

import java.util.List;

/** All workloads. */
public final class Workloads {
    private Workloads() {}

    /** Every workload over this hay, in the order of reports. */
    public static List<Workload> over(Prose prose) {
        return List.of(
                Needle.single(prose),
                Needle.multiKey(prose),
                Needle.multiValue(prose),
                new KeyValue(),
                new Variables(prose),
                new People(prose),
                Copy.of(prose),
                Lists.reverse(),
                Lists.frequentWord(),
                Lists.arithmetic(),
                new Format());
    }

    /** What is only practised: kinds of a workload that a test takes at random and training takes on purpose. */
    public static List<Workload> drills(Prose prose) {
        return List.of(Copy.ofProse(prose), Copy.ofFewWords(prose), Copy.ofAlteredProse(prose));
    }
}
