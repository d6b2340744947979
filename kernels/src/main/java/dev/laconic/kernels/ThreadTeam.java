package dev.laconic.kernels;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Threads that wait for work by spinning for a moment, since the next product of a forward pass follows within
 * microseconds, and then park. Parts are taken, not assigned: nobody waits for a thread that wakes too late, its part is done by
 * then. One task runs at a time: further callers wait their turn, and a task that calls {@link #run} itself runs all parts of the
 * inner task in its own thread.
 */
final class ThreadTeam implements Team {
    /**
     * How often a thread looks for work before it parks: more often where work used to come in time, up to some hundred
     * microseconds. At first slowly more, since Java's compilers then need the processor more than who waits for a product.
     */
    private static final int LEAST_SPINS = 60;

    private static final int MORE_SPINS = 4;
    private static final int MOST_SPINS = 4_000;
    /** How often a caller looks whether all parts have ended before it parks. */
    private static final int CALLER_SPINS = 250;

    private final int size;
    private final ReentrantLock turn = new ReentrantLock();
    /** The number of the round in the upper half, so that no round's parts are taken for another's; parts taken in the lower. */
    private final AtomicLong taken;
    /** Parts of the round that have not ended. */
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private volatile Worker[] workers = {};
    private Task task;
    private volatile Thread waiting;
    private volatile boolean closed;

    ThreadTeam(int size) {
        this.size = size;
        taken = new AtomicLong(size);
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public void run(Task newTask) {
        run(newTask, true);
    }

    @Override
    public void runBriefly(Task newTask) {
        run(newTask, false);
    }

    private void wake() {
        for (Worker worker : workers) {
            if (!worker.parked) continue;
            worker.parked = false; // nobody wakes it again before it has been awake: each time costs a system call
            LockSupport.unpark(worker);
        }
    }

    private void run(Task newTask, boolean wakes) {
        if (insideTask()) {
            for (int part = 0; part < size; part++) newTask.run(part, size);
            return;
        }
        turn.lock();
        try {
            if (closed) throw new IllegalStateException("this team of threads is closed");
            if (workers.length < size - 1) start();
            task = newTask;
            running.set(size);
            taken.set((taken.get() >>> 32) + 1 << 32);
            if (wakes) wake();
            for (int part = take(); part < size; part = take()) runPart(part);
            awaitAll();
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
            all[i] = new Worker(i + 1);
            all[i].start();
        }
        workers = all;
    }

    /** The next part of the round that nobody has taken; {@link #size} if there is none. */
    private int take() {
        while (true) {
            long before = taken.get();
            int part = (int) before;
            if (part == size || taken.compareAndSet(before, before + 1)) return part;
        }
    }

    private void runPart(int part) {
        try {
            task.run(part, size);
        } catch (Throwable thrown) {
            Throwable first = failure.compareAndExchange(null, thrown);
            if (first != null && first != thrown) first.addSuppressed(thrown);
        }
        if (running.decrementAndGet() == 0) {
            Thread caller = waiting;
            if (caller != null) LockSupport.unpark(caller);
        }
    }

    /** Between two looks for work. Several at once, since Java compiles thoroughly what goes round often. */
    private static void pause() {
        Thread.onSpinWait();
        Thread.onSpinWait();
        Thread.onSpinWait();
        Thread.onSpinWait();
    }

    private void awaitAll() {
        for (int spins = 0; running.get() > 0; spins++) {
            if (spins < CALLER_SPINS) {
                pause();
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
            wake();
        } finally {
            turn.unlock();
        }
    }

    private final class Worker extends Thread {
        private volatile boolean parked;

        Worker(int number) {
            super("laconic-" + number);
            setDaemon(true);
        }

        ThreadTeam team() {
            return ThreadTeam.this;
        }

        @Override
        public void run() {
            int most = LEAST_SPINS;
            int reached = LEAST_SPINS;
            for (int spins = 0; !closed; spins++) {
                int part = take();
                if (part < size) {
                    runPart(part);
                    if (spins > 0) most = Math.min(Math.max(most + MORE_SPINS, Math.min(2 * most, reached)), MOST_SPINS);
                    reached = Math.max(reached, most);
                    spins = 0;
                } else if (spins < most) {
                    pause();
                } else {
                    parked = true;
                    if ((int) taken.get() == size && !closed) LockSupport.park(ThreadTeam.this);
                    parked = false;
                    most = Math.max(most / 2, LEAST_SPINS);
                    spins = 0;
                }
            }
        }
    }
}
