package dev.laconic.cache;

import dev.laconic.core.technique.Fidelity;
import dev.laconic.core.technique.Stage;
import dev.laconic.core.technique.Technique;
import dev.laconic.model.SequenceHooks;

/** Keeps every entry as it is: what others are compared with. */
@Technique(id = "full", stage = Stage.CACHE, fidelity = Fidelity.LOSSLESS, title = "The whole cache")
public record Full() implements KvPolicy {

    @Override
    public int firstRow(int promptLength) {
        return promptLength;
    }

    @Override
    public SequenceHooks start(CacheContext context) {
        return SequenceHooks.NONE;
    }
}
