package dev.laconic.kernels;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Threads that wait for work by spinning for a moment, since the next product of a forward pass follows within
 * microseconds, and then park. One task runs at a time: further callers wait their turn, and a task that calls
 * {@link #run} itself runs all parts of the inner task in its own thread.
 */
final class ThreadTeam implements Team {
    private static final int SPINS = 1000;

    private final int size;
    private final ReentrantLock turn = new ReentrantLock();
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private Worker[] workers = {};
    private Task task;
    private volatile int round;
    private volatile Thread waiting;
    private volatile boolean closed;

    ThreadTeam(int size) {
        this.size = size;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public void run(Task newTask) {
        if (insideTask()) {
            for (int part = 0; part < size; part++) newTask.run(part, size);
            return;
        }
        turn.lock();
        try {
            if (closed) throw new IllegalStateException("this team of threads is closed");
            if (workers.length < size - 1) start();
            task = newTask;
            running.set(workers.length);
            round++;
            for (Worker worker : workers) if (worker.parked) LockSupport.unpark(worker);
            runPart(newTask, 0);
            awaitWorkers();
            task = null;
            Throwable thrown = failure.getAndSet(null);
            if (thrown instanceof Error error) throw error;
            if (thrown instanceof RuntimeException exception) throw exception;
        } finally {
            turn.unlock();
        }
    }

    private boolean insideTask() {
        return turn.isHeldByCurrentThread() || Thread.currentThread() instanceof Worker worker && worker.team() == this;
    }

    private void start() {
        Worker[] all = new Worker[size - 1];
        for (int i = 0; i < all.length; i++) {
            all[i] = new Worker(i + 1, round);
            all[i].start();
        }
        workers = all;
    }

    private void runPart(Task current, int part) {
        try {
            current.run(part, size);
        } catch (Throwable thrown) {
            Throwable first = failure.compareAndExchange(null, thrown);
            if (first != null && first != thrown) first.addSuppressed(thrown);
        }
    }

    private void awaitWorkers() {
        for (int spins = 0; running.get() > 0; spins++) {
            if (spins < SPINS) {
                Thread.onSpinWait();
            } else {
                waiting = Thread.currentThread();
                if (running.get() > 0) LockSupport.park(this);
                waiting = null;
            }
        }
    }

    @Override
    public void close() {
        if (insideTask()) throw new IllegalStateException("a task cannot close the team that runs it");
        turn.lock();
        try {
            closed = true;
            for (Worker worker : workers) LockSupport.unpark(worker);
        } finally {
            turn.unlock();
        }
    }

    private final class Worker extends Thread {
        private final int part;
        private int seen;
        private volatile boolean parked;

        Worker(int part, int seen) {
            super("laconic-" + part);
            this.part = part;
            this.seen = seen;
            setDaemon(true);
        }

        ThreadTeam team() {
            return ThreadTeam.this;
        }

        @Override
        public void run() {
            while (awaitRound()) {
                runPart(task, part);
                if (running.decrementAndGet() == 0) {
                    Thread caller = waiting;
                    if (caller != null) LockSupport.unpark(caller);
                }
            }
        }

        /** Returns true at the next round, false once the team is closed. */
        private boolean awaitRound() {
            for (int spins = 0; round == seen; spins++) {
                if (closed) return false;
                if (spins < SPINS) {
                    Thread.onSpinWait();
                } else {
                    parked = true;
                    if (round == seen && !closed) LockSupport.park(ThreadTeam.this);
                    parked = false;
                }
            }
            seen++;
            return true;
        }
    }
}
