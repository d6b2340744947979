package dev.laconic.tokenize.text;

/** Receives pieces of text in order. The text is valid during the call only. */
@FunctionalInterface
public interface PieceSink {

    void piece(Text text, int from, int to);
}
