package dev.laconic.cache;

import dev.laconic.model.Phase;

/** At which steps a cache is compressed. */
public enum When {
    /** Once, when the whole prompt has been computed: the cache holds all of it until then. */
    PROMPT_END,
    /** After each part of the prompt that is computed, so that the peak is small as well. */
    PREFILL,
    /** After each part of the prompt and each token of the answer: the cache never grows. */
    ALWAYS;

    /** Whether a step of this phase ends with compression. */
    public boolean includes(Phase phase) {
        return switch (phase) {
            case PREFILL -> this != PROMPT_END;
            case PREFILL_END -> true;
            case DECODE -> this == ALWAYS;
        };
    }
}
