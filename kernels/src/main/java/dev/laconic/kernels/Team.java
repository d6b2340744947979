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

    /** A team of this many threads; the threads start with the first task. */
    static Team of(int threads) {
        return threads == 1 ? SingleThread.INSTANCE : new ThreadTeam(threads);
    }

    /** Number of threads, the caller's included. */
    int size();

    /**
     * Runs every part of the task and returns when all are done; a failure of any part is thrown to the caller. Callers
     * take turns; a task that calls this runs the inner task alone.
     */
    void run(Task task);

    /** The same for a task that takes less time than to wake threads which sleep: those that are awake help. */
    void runBriefly(Task task);

    /** Ends the threads; they are daemons, so that a forgotten team does not keep the process alive. */
    @Override
    void close();
}
