package dev.laconic.tokenize.text;

/**
 * Cuts before every space, or behind it.
 *
 * @param space how a space is spelt
 * @param behind spaces end words instead of beginning them
 */
public record SpacedPieces(char space, boolean behind) implements PreTokenizer {

    @Override
    public PieceSink open(PieceSink next) {
        return (text, from, to) -> {
            int start = from;
            for (int i = from; i < to; i++) {
                if (text.charAt(i) != space) continue;
                int cut = behind ? i + 1 : i;
                if (cut > start) next.piece(text, start, cut);
                start = cut;
            }
            if (start < to) next.piece(text, start, to);
        };
    }
}
