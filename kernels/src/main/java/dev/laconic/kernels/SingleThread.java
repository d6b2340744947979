package dev.laconic.kernels;

/** A team of one: every task runs in the thread that asks. */
final class SingleThread implements Team {
    static final SingleThread INSTANCE = new SingleThread();

    private SingleThread() {}

    @Override
    public int size() {
        return 1;
    }

    @Override
    public void run(Task task) {
        task.run(0, 1);
    }

    @Override
    public void runBriefly(Task task) {
        task.run(0, 1);
    }

    @Override
    public void close() {}
}
