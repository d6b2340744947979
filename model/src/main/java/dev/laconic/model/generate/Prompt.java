package dev.laconic.model.generate;

import java.util.ArrayList;
import java.util.List;

/**
 * The tokens of a prompt, in the pieces that it was put together from: what introduces it, passages that may stand in any
 * order in other prompts, and what is asked. Most prompts are one piece.
 *
 * @param ids all tokens
 * @param starts where each piece begins, ascending from 0; a piece may be empty
 */
public record Prompt(int[] ids, List<Integer> starts) {
    public Prompt {
        starts = List.copyOf(starts);
    }

    public static Prompt of(int... ids) {
        return of(List.of(ids));
    }

    /** The pieces one after another. */
    public static Prompt of(List<int[]> pieces) {
        List<Integer> starts = new ArrayList<>();
        int at = 0;
        for (int[] piece : pieces) {
            starts.add(at);
            at += piece.length;
        }
        int[] ids = new int[at];
        for (int piece = 0; piece < starts.size(); piece++)
            System.arraycopy(pieces.get(piece), 0, ids, starts.get(piece), pieces.get(piece).length);
        return new Prompt(ids, starts);
    }

    public int length() {
        return ids.length;
    }

    public int pieces() {
        return starts.size();
    }

    /** The first token of a piece; of the one after the last, the prompt's length. */
    public int start(int piece) {
        return piece == starts.size() ? ids.length : starts.get(piece);
    }
}
