package dev.laconic.model.block;

/**
 * How far a layer's attention reaches: within what the step's mask allows, the positions from {@link #first} to
 * {@link #last}.
 */
public record Reach(Kind kind, int size) {
    public enum Kind {
        FULL,
        /** The last {@code size} positions, the query's own included. */
        SLIDING,
        /** At most {@code size / 2} positions away on either side. */
        SYMMETRIC,
        /** The query's own chunk of {@code size} positions. */
        CHUNKED
    }

    public static final Reach FULL = new Reach(Kind.FULL, 0);

    public static Reach sliding(int size) {
        return new Reach(Kind.SLIDING, size);
    }

    public static Reach symmetric(int size) {
        return new Reach(Kind.SYMMETRIC, size);
    }

    public static Reach chunked(int size) {
        return new Reach(Kind.CHUNKED, size);
    }

    int first(int position) {
        return switch (kind) {
            case FULL -> Integer.MIN_VALUE;
            case SLIDING -> position - size + 1;
            case SYMMETRIC -> position - size / 2;
            case CHUNKED -> position / size * size;
        };
    }

    int last(int position) {
        return switch (kind) {
            case FULL, SLIDING -> Integer.MAX_VALUE;
            case SYMMETRIC -> position + size / 2;
            case CHUNKED -> position / size * size + size - 1;
        };
    }
}
