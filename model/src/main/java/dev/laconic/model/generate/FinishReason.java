package dev.laconic.model.generate;

/** Why a generation ended. */
public enum FinishReason {
    /** The model ended its text, or a stop string or stop token came. */
    STOP,
    /** The tokens asked for have all been made. */
    LENGTH,
    /** The model's context is full. */
    CONTEXT,
    /** Whoever asked for it no longer wants it. */
    CANCELLED
}
