package dev.laconic.model;

/** Which entries of its own sequence a row attends to. A layer's sliding window narrows each of them. */
public enum Mask {
    /** Entries at its own position or before it. */
    CAUSAL,
    /** All entries, those of the same step included. */
    BIDIRECTIONAL,
    /** Entries that were there before the step, and the row's ancestors in the step. */
    TREE
}
