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
                new Copy(prose),
                Lists.reverse(),
                Lists.frequentWord(),
                Lists.arithmetic(),
                new Format());
    }
}
