package dev.laconic.tokenize.text;

import java.util.List;

/** Cuts text into the pieces within which tokens are formed, and may rewrite them on the way. Immutable. */
public interface PreTokenizer {

    /** Passes every piece on as it is. */
    PreTokenizer NONE = next -> next;

    /** A working copy, for one thread, that hands its pieces to {@code next}. */
    PieceSink open(PieceSink next);

    /** Each stage cuts the pieces of the one before. */
    static PreTokenizer sequence(List<PreTokenizer> stages) {
        return next -> {
            PieceSink sink = next;
            for (PreTokenizer stage : stages.reversed()) sink = stage.open(sink);
            return sink;
        };
    }
}
