package dev.laconic.tokenize.text;

import java.util.Arrays;

/** Cuts pieces at the matches of a pattern. */
public final class Split {
    private Split() {}

    /** What becomes of a match. */
    public enum Behaviour {
        /** It goes. */
        REMOVED,
        /** It is a piece. */
        ISOLATED,
        /** It ends the piece before it, unless that is a match too. */
        MERGED_WITH_PREVIOUS,
        /** It begins the piece behind it, unless that is a match too. */
        MERGED_WITH_NEXT,
        /** Adjacent matches are one piece. */
        CONTIGUOUS
    }

    /** Matches and what lies between them become pieces of their own. */
    public static PreTokenizer isolated(TextPattern pattern) {
        return next -> isolated(pattern.working(), next);
    }

    private static PieceSink isolated(TextPattern pattern, PieceSink next) {
        return (text, from, to) -> {
            char[] chars = text.chars();
            int done = from;
            int at = from;
            while (at <= to) {
                long match = pattern.find(chars, from, to, at);
                if (match == TextPattern.NONE) break;
                int start = TextPattern.start(match);
                int end = TextPattern.end(match);
                if (start > done) next.piece(text, done, start);
                if (end > start) next.piece(text, start, end);
                done = end;
                at = end > start ? end : end < to ? end + CharClass.width(chars, end, to) : to + 1;
            }
            if (done < to) next.piece(text, done, to);
        };
    }

    /**
     * Cuts at the matches, or, inverted, at what lies between them.
     *
     * @param inverted what lies between the matches counts as match, and the other way round
     */
    public static PreTokenizer at(TextPattern pattern, Behaviour behaviour, boolean inverted) {
        if (behaviour == Behaviour.ISOLATED) return isolated(pattern);
        return next -> new Cutter(pattern.working(), behaviour, inverted, next);
    }

    private static final class Cutter implements PieceSink {
        private final TextPattern pattern;
        private final Behaviour behaviour;
        private final boolean inverted;
        private final PieceSink next;
        private int[] ends = new int[16];
        private boolean[] matches = new boolean[16];
        private int size;

        Cutter(TextPattern pattern, Behaviour behaviour, boolean inverted, PieceSink next) {
            this.pattern = pattern;
            this.behaviour = behaviour;
            this.inverted = inverted;
            this.next = next;
        }

        @Override
        public void piece(Text text, int from, int to) {
            cut(text.chars(), from, to);
            int start = from;
            for (int i = 0; i < size; i++) {
                while (i + 1 < size && joins(i)) i++;
                boolean removed = behaviour == Behaviour.REMOVED && matches[i];
                if (!removed && ends[i] > start) next.piece(text, start, ends[i]);
                start = ends[i];
            }
        }

        /** Whether segment {@code i} and the one behind it are one piece. */
        private boolean joins(int i) {
            return switch (behaviour) {
                case REMOVED, ISOLATED -> false;
                case MERGED_WITH_PREVIOUS -> !matches[i] && matches[i + 1];
                case MERGED_WITH_NEXT -> matches[i] && !matches[i + 1];
                case CONTIGUOUS -> matches[i] == matches[i + 1];
            };
        }

        private void cut(char[] chars, int from, int to) {
            size = 0;
            int done = from;
            for (int at = from; at <= to; ) {
                long match = pattern.find(chars, from, to, at);
                if (match == TextPattern.NONE) break;
                int start = TextPattern.start(match);
                int end = TextPattern.end(match);
                if (start > done) add(start, false);
                add(end, true);
                done = end;
                at = end > start ? end : end < to ? end + CharClass.width(chars, end, to) : to + 1;
            }
            if (done < to) add(to, false);
        }

        private void add(int end, boolean match) {
            if (size == ends.length) {
                ends = Arrays.copyOf(ends, size * 2);
                matches = Arrays.copyOf(matches, size * 2);
            }
            ends[size] = end;
            matches[size++] = match != inverted;
        }
    }
}
