package dev.laconic.core.technique;

import java.util.Locale;

/** What must be there for a technique to work. Where it is missing the user is told; nothing is replaced silently. */
public enum Need {
    /** Each row's attention probabilities, from a probe. */
    ATTENTION_PROBABILITIES,
    /** Attention accumulated per cache entry, from a probe. */
    ATTENTION_SCORES,
    /** The queries of the last rows, from a probe. */
    QUERY_WINDOW,
    /** The hidden rows between two layers. */
    HIDDEN_ROWS,
    /** Log-probabilities of a text under a (small) language model. */
    SCORING_MODEL,
    /** A model that turns text into one vector. */
    EMBEDDING_MODEL,
    /** A smaller model with the same vocabulary that proposes tokens. */
    DRAFT_MODEL,
    /** Weights trained for this technique and this model. */
    TRAINED_WEIGHTS,
    /** The model's tokenizer, where it matters what tokens spell. */
    TOKENIZER,
    /** Sample text that statistics are measured on beforehand. */
    CALIBRATION;

    /** Its name in JSON: {@code attention-scores}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @Override
    public String toString() {
        return id();
    }
}
