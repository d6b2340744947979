package dev.laconic.tokenize;

/**
 * Tokens and where they come from. Token {@code i} covers {@code [starts[i], ends[i])} of the text, in UTF-16 code units;
 * a token that holds some bytes of a character covers the whole character, and one that the tokenizer added covers
 * nothing. The arrays belong to the caller.
 */
public record Encoding(int[] ids, int[] starts, int[] ends) {

    /** Number of tokens. */
    public int size() {
        return ids.length;
    }
}
