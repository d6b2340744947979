package dev.laconic.tokenize;

/**
 * Decodes tokens one at a time. What it gives, put together, is what {@link Tokenizer#decode} gives for all tokens at
 * once; characters and clean-ups that need later tokens are held back. One per stream; not for several threads.
 */
public interface StreamingDecoder {

    /** Takes the next token and appends what became certain: nothing, or whole characters. */
    void next(int id, StringBuilder out);

    /** Ends the stream and appends what was held back; an unfinished character becomes U+FFFD. Ready for a new stream. */
    void finish(StringBuilder out);

    /** Takes the next token and gives what became certain. */
    default String next(int id) {
        StringBuilder out = new StringBuilder();
        next(id, out);
        return out.toString();
    }

    /** Ends the stream and gives what was held back. */
    default String finish() {
        StringBuilder out = new StringBuilder();
        finish(out);
        return out.toString();
    }
}
