package dev.laconic.kernels;

/**
 * A fixed number of threads that share one task after another. A task is an object that outlives the call, so that
 * handing out work allocates nothing.
 */
public interface Team extends AutoCloseable {

    /** A share of a task: part {@code part} of {@code parts}. */
    interface Task {
        void run(int part, int parts);
    }

    /** Number of threads, the caller's included. */
    int size();

    /** Runs every part of the task and returns when all are done; a failure of any part is thrown to the caller. */
    void run(Task task);

    @Override
    void close();
}
