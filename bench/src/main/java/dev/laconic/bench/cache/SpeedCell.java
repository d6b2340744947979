package dev.laconic.bench.cache;

import dev.laconic.core.Receipt;
import dev.laconic.model.Sequence;
import dev.laconic.model.State;
import dev.laconic.model.kv.HeadCache;
import dev.laconic.model.kv.KvCache;
import dev.laconic.model.kv.KvFormat;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;

/**
 * How long a turn of a conversation takes over a cache of so many entries: a prompt of {@value #TURN} tokens up to the first
 * token of the answer, compression included, and each token after it. The entries are random and made once; each
 * contender starts on a fork of them and is timed right after the full cache: the best of some turns, which go on until
 * {@value #TURNS} have brought no better time of a token or a second is over. What has not been compiled yet takes
 * longer.
 */
final class SpeedCell implements AutoCloseable {
    private static final int TURN = 64;
    private static final int POOL = 1 << 18;
    private static final int TURNS = 3;
    private static final long LONGEST = 1_000_000_000;

    private final Subject subject;
    private final State state;
    private final BooleanSupplier cancelled;
    private final Sequence filled;
    private final int[] ids;
    private final int cached;
    private final int steps;

    /** Nanoseconds to the first token and, as the median, for each after it; bytes at the end. */
    private record Timing(double first, double token, Receipt receipt) {
        Timing best(Timing other) {
            return new Timing(Math.min(first, other.first), Math.min(token, other.token), receipt);
        }
    }

    /** @param text tokens to read, over and over */
    SpeedCell(Subject subject, State state, BooleanSupplier cancelled, int[] text, int cached, int steps) {
        this.subject = subject;
        this.state = state;
        this.cancelled = cancelled;
        this.cached = cached;
        this.steps = steps;
        ids = new int[cached + TURN + steps];
        for (int i = 0; i < ids.length; i++) ids[i] = text[i % text.length];
        filled = subject.model().newSequence();
        fill(filled.cache());
        filled.length(cached);
    }

    private void fill(KvCache cache) {
        SplittableRandom random = new SplittableRandom(cached);
        int[] positions = new int[cached];
        Arrays.setAll(positions, i -> i);
        float[] pool = new float[POOL];
        for (int i = 0; i < POOL; i++) pool[i] = (float) random.nextGaussian();
        int part = KvFormat.DEFAULT_ENTRIES_PER_PAGE;
        for (int layer = 0; layer < cache.layers(); layer++)
            for (int head = 0; head < cache.heads(layer); head++) {
                HeadCache entries = cache.head(layer, head);
                int keys = entries.format().keyDimension();
                int values = entries.format().valueDimension();
                for (int from = 0; from < cached; from += part) {
                    int n = Math.min(part, cached - from);
                    entries.append(
                            pool, random.nextInt(POOL - n * keys), keys,
                            pool, random.nextInt(POOL - n * values), values,
                            positions, from, n);
                }
            }
    }

    /** The row of a contender; {@code full} keeps everything. */
    CacheRow row(Contender contender, Contender full) {
        Map<String, Object> values = new LinkedHashMap<>();
        contender.attempt(() -> {
            Timing plain = time(full);
            Timing timing = contender == full ? plain : time(contender);
            values.put("bytes", timing.receipt.kvBytesHeld());
            values.put("peakBytes", timing.receipt.kvBytesPeak());
            values.put("bytesRatio", ratio(timing.receipt.kvBytesHeld(), plain.receipt.kvBytesHeld()));
            values.put("peakBytesRatio", ratio(timing.receipt.kvBytesPeak(), plain.receipt.kvBytesHeld()));
            values.put("n", steps);
            values.put("ttftMs", Numbers.rounded(timing.first / 1e6));
            values.put("ttftRatio", ratio(timing.first, plain.first));
            values.put("tptMs", Numbers.rounded(timing.token / 1e6));
            values.put("tptRatio", ratio(timing.token, plain.token));
        });
        return contender.row(CacheRow.SPEED, "", cached, values);
    }

    private static double ratio(double part, double whole) {
        return Numbers.rounded(part / whole);
    }

    private Timing time(Contender contender) {
        long start = System.nanoTime();
        Timing best = turn(contender);
        for (int turns = 1, since = 0; turns < TURNS || since < TURNS && System.nanoTime() - start < LONGEST; turns++) {
            Timing next = turn(contender);
            since = next.token < best.token ? 0 : since + 1;
            best = best.best(next);
        }
        return best;
    }

    private Timing turn(Contender contender) {
        try (Sequence sequence = contender.attach(filled.fork())) {
            Reader reader = new Reader(subject.model(), sequence, state, cancelled);
            long start = System.nanoTime();
            reader.prompt(ids, cached + TURN);
            reader.next();
            double first = System.nanoTime() - start;
            double[] each = new double[steps];
            for (int i = 0; i < steps; i++) {
                long before = System.nanoTime();
                reader.tokens(ids, cached + TURN + i, cached + TURN + i + 1);
                reader.next();
                each[i] = System.nanoTime() - before;
            }
            Arrays.sort(each);
            return new Timing(first, each[steps / 2], reader.receipt());
        }
    }

    @Override
    public void close() {
        filled.close();
    }
}
