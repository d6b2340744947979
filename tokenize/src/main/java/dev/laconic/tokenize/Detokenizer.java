package dev.laconic.tokenize;

/** Tokens back to text. Immutable. */
interface Detokenizer {

    /** @param special control tokens give their spelling; otherwise nothing */
    byte[] bytes(int[] ids, boolean special);

    /** Leaves control tokens out. */
    StreamingDecoder stream();
}
