package dev.laconic.kernels;

import static dev.laconic.kernels.Lanes.F;
import static dev.laconic.kernels.Lanes.L;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Measures what some threads of this machine can do, as often as it is asked: other work on the machine changes that from
 * minute to minute. Needs the Vector API; belongs to one thread.
 *
 * {@snippet :
 * try (MachineMeter meter = new MachineMeter(2)) {
 *     System.out.println(meter.measure().bytes());
 * }
 * }
 */
public final class MachineMeter implements AutoCloseable {
    private static final int TRIES = 8;

    /** Threads that were just started may share a processor for a while, with compilers beside them. */
    private static final int WARM_UP = 4;

    private static final long NANOS = 100_000_000;

    private static final long MEMORY = 256L << 20;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;
    private final Team team;
    private final boolean integers;
    private final Rate flops;
    private final Rate dots;
    private final Rate bytes;

    public MachineMeter(int threads) {
        NativeLibrary library = NativeLibrary.find();
        integers = library.sets() > 0;
        memory = integers ? library.allocate(MEMORY) : arena.allocate(MEMORY, 64);
        memory.fill((byte) 1);
        team = Team.of(threads);
        long slice = MEMORY / threads / 2048 * 2048;
        flops = new Rate(threads, part -> {
            long done = 0;
            for (int i = 0; i < 500; i++) done += fma(500);
            return done;
        });
        dots = new Rate(threads, part -> library.spin(library.set(), 400_000));
        bytes = new Rate(threads, part -> {
            if (integers) library.read(memory.address() + part * slice, slice);
            else read(memory.asSlice(part * slice, slice));
            return slice;
        });
        for (int i = 0; i < WARM_UP; i++) measure();
    }

    public MachineLimits measure() {
        MachineLimits limits = new MachineLimits(team.size(), best(flops), integers ? best(dots) : 0, best(bytes));
        Reference.reachabilityFence(memory);
        return limits;
    }

    /** Units a second, of all threads. */
    private double best(Rate rate) {
        double best = 0;
        long begin = System.nanoTime();
        for (int i = 0; i < TRIES || System.nanoTime() - begin < NANOS; i++) {
            long start = System.nanoTime();
            team.run(rate);
            best = Math.max(best, Arrays.stream(rate.done).sum() * 1e9 / (System.nanoTime() - start));
        }
        return best;
    }

    @Override
    public void close() {
        team.close();
        arena.close();
    }

    private interface Loop {
        /** Runs once and returns what it has done. */
        long run(int part);
    }

    private static final class Rate implements Team.Task {
        private final Loop loop;
        private final long[] done;

        Rate(int threads, Loop loop) {
            this.loop = loop;
            done = new long[threads];
        }

        @Override
        public void run(int part, int parts) {
            done[part] = loop.run(part);
        }
    }

    /** Twelve chains of fused operations that do not wait for each other. */
    private static long fma(int rounds) {
        FloatVector a = FloatVector.broadcast(F, 0.5f);
        FloatVector b = FloatVector.broadcast(F, 0.25f);
        FloatVector s0 = a, s1 = a, s2 = a, s3 = a, s4 = a, s5 = a, s6 = a, s7 = a, s8 = a, s9 = a, s10 = a, s11 = a;
        for (int i = 0; i < rounds; i++) {
            s0 = s0.fma(a, b);
            s1 = s1.fma(a, b);
            s2 = s2.fma(a, b);
            s3 = s3.fma(a, b);
            s4 = s4.fma(a, b);
            s5 = s5.fma(a, b);
            s6 = s6.fma(a, b);
            s7 = s7.fma(a, b);
            s8 = s8.fma(a, b);
            s9 = s9.fma(a, b);
            s10 = s10.fma(a, b);
            s11 = s11.fma(a, b);
        }
        FloatVector sum = s0.add(s1).add(s2).add(s3).add(s4).add(s5).add(s6).add(s7).add(s8).add(s9).add(s10).add(s11);
        return sum.lane(0) == 0 ? 0 : 12L * L * 2 * rounds;
    }

    private static float read(MemorySegment memory) {
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        long step = 4L * L;
        for (long at = 0; at <= memory.byteSize() - 4 * step; at += 4 * step) {
            a = a.add(FloatVector.fromMemorySegment(F, memory, at, Lanes.LE));
            b = b.add(FloatVector.fromMemorySegment(F, memory, at + step, Lanes.LE));
            c = c.add(FloatVector.fromMemorySegment(F, memory, at + 2 * step, Lanes.LE));
            d = d.add(FloatVector.fromMemorySegment(F, memory, at + 3 * step, Lanes.LE));
        }
        return Lanes.sum(a.add(b).add(c.add(d)));
    }
}
