package dev.laconic.bench.speed;

import dev.laconic.core.error.UsageException;
import dev.laconic.kernels.KvType;
import dev.laconic.kernels.MachineLimits;
import dev.laconic.model.Model;
import dev.laconic.model.Rows;
import dev.laconic.model.Sequence;
import dev.laconic.model.State;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Times prompts and generation of one model at depths of its cache, with random tokens. Belongs to one thread. */
public final class SpeedBench implements AutoCloseable {
    /** Rows of a prompt that are computed at once. */
    private static final int CHUNK = 512;
    /** Steps after which weights are packed: no time is taken before. */
    private static final int STEPS_TO_PACK = 2;

    private final Model model;
    private final String name;
    private final Supplier<MachineLimits> machine;
    private final Work work;
    private final State state;
    private final Sequence sequence;
    private final Rows rows = new Rows();
    private final SplittableRandom random = new SplittableRandom(1);
    private final double warmUp;
    private int steps;
    private final BooleanSupplier cancelled;

    /**
     * @param machine measures what the machine can do, before each run: other work changes that from minute to minute
     * @param warmUp seconds that compilers, caches and clocks are given before a test is timed
     * @param cancelled asked between steps; what was cut short gives no result
     */
    public SpeedBench(
            Model model, String name, KvType kv, Supplier<MachineLimits> machine, double warmUp, BooleanSupplier cancelled) {
        this.warmUp = warmUp;
        this.model = model;
        this.name = name;
        this.machine = machine;
        this.cancelled = cancelled;
        work = Work.of(model);
        state = model.newState();
        sequence = model.newSequence(kv, kv);
    }

    /**
     * Runs a test some times after it has warmed up. Tests of growing depth go on from each other's cache.
     *
     * @throws UsageException if the model's context does not hold the test
     */
    public SpeedResult run(SpeedTest test, int times) {
        int context = model.parameters().context();
        if (test.depth() + test.tokens() > context)
            throw new UsageException(test.label() + " takes " + (test.depth() + test.tokens())
                    + " positions, the model's context holds " + context);
        if (test.depth() < sequence.length()) sequence.truncate(test.depth());
        prompt(test.depth() - sequence.length());
        long start = System.nanoTime();
        do time(test);
        while ((steps < STEPS_TO_PACK || System.nanoTime() - start < warmUp * 1e9) && !cancelled.getAsBoolean());
        double[] seconds = new double[times];
        List<MachineLimits> measured = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            if (i == 0 || !cancelled.getAsBoolean()) measured.add(machine.get());
            seconds[i] = time(test);
        }
        return result(test, seconds, MachineLimits.mean(measured));
    }

    private double time(SpeedTest test) {
        long start = System.nanoTime();
        prompt(test.prompt());
        for (int i = 0; i < test.generated() && !cancelled.getAsBoolean(); i++) step(1);
        double seconds = (System.nanoTime() - start) * 1e-9;
        if (sequence.length() > test.depth()) sequence.truncate(test.depth());
        return seconds;
    }

    private void prompt(int tokens) {
        for (int done = 0; done < tokens && !cancelled.getAsBoolean(); done += CHUNK)
            step(Math.min(CHUNK, tokens - done));
    }

    /** Computes some tokens, and the logits of the last of them. */
    private void step(int count) {
        steps++;
        int position = sequence.length();
        rows.clear().span(sequence, model.architecture().mask());
        for (int i = 0; i < count; i++) rows.token(random.nextInt(model.vocabulary()), position++, i == count - 1);
        model.advance(model.embed(rows, state).logitsOnly());
        model.project(state);
    }

    private SpeedResult result(SpeedTest test, double[] seconds, MachineLimits limits) {
        double perSecond = seconds.length / Arrays.stream(seconds).sum();
        boolean integers = limits.integerOps() > 0
                && model.kernels().name().startsWith("native")
                && 2 * work.quantised() > work.multiplications();
        double operations = 2.0 * work.of(test.prompt(), Math.ceilDiv(test.prompt(), CHUNK)) * perSecond;
        double read = work.bytes() + sequence.cache().bytes();
        String limit = test.generated() > 0 ? "bandwidth" : integers ? "integer" : "fma";
        double share = switch (limit) {
            case "bandwidth" -> test.tokens() * perSecond * read / limits.bytes();
            case "integer" -> operations / limits.integerOps();
            default -> operations / limits.flops();
        };
        return new SpeedResult(name, model.kernels().name(), test, seconds, limits, limit, share);
    }

    @Override
    public void close() {
        sequence.close();
    }
}
