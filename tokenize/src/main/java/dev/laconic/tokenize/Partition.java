package dev.laconic.tokenize;

import dev.laconic.tokenize.text.Text;

/** Finds the tokens that are taken out of a text before anything else happens to it. Immutable. */
interface Partition {
    /** Takes out nothing. */
    Partition NONE = (text, parseSpecial, out) -> {
        if (text.length() > 0) out.text(0, text.length());
    };

    /** Hands all of {@code text} to {@code out}, in order. */
    void split(Text text, boolean parseSpecial, Parts out);

    /** Receives the parts. */
    interface Parts {
        void text(int from, int to);

        void token(int id, int from, int to);
    }
}
