package dev.laconic.model;

/** What a step of a sequence is part of. */
public enum Phase {
    /** A part of the prompt, with more to come. */
    PREFILL,
    /** The last part of the prompt. */
    PREFILL_END,
    /** A token of the answer, or several. */
    DECODE
}
