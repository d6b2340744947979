package dev.laconic.tokenize.subword;

import dev.laconic.tokenize.text.PieceSink;

/** Turns each piece of text into tokens. Immutable. */
public interface SubwordModel {

    /** A working copy, for one thread, that hands its tokens to {@code out}. */
    PieceSink open(TokenSink out);
}
