package dev.laconic.tokenize.subword;

import dev.laconic.tokenize.text.Text;

/** Receives tokens in order, each with the part of the text it was made from. */
@FunctionalInterface
public interface TokenSink {

    void token(int id, Text text, int from, int to);
}
