package dev.laconic.core.technique.sample;

import dev.laconic.core.technique.Fidelity;
import dev.laconic.core.technique.Option;
import dev.laconic.core.technique.Stage;
import dev.laconic.core.technique.Technique;

/** A technique that is a record, with an option that has no default. */
@Technique(id = "record-trimmer", stage = Stage.CACHE, fidelity = Fidelity.LOSSLESS, title = "Records")
public record RecordTrimmer(
        @Option(min = 1, help = "bits of an element") int bits) implements Trimmer {
    @Override
    public String describe() {
        return bits + " bits";
    }
}
