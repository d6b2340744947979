package dev.laconic.kernels;

/** Finds the entries of highest score; its scratch is used again. One instance belongs to one thread at a time. */
public interface Top {

    /**
     * Finds the {@code count} entries of highest score among the first {@code size}, in the order of {@link Float#compare};
     * of equal ones the later are taken.
     *
     * @return how many were found
     */
    int find(float[] scores, int size, int count);

    /** The entries found last, ascending. */
    int[] kept();
}
