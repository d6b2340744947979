package dev.laconic.kernels;

/** Work in the background that spares later calls some of theirs. */
public interface Preparation extends AutoCloseable {
    Preparation NONE = () -> {};

    /** Ends the work, finished or not; nothing that it read is read from then on. */
    @Override
    void close();
}
