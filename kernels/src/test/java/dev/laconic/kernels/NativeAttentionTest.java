package dev.laconic.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.laconic.kernels.KernelOptions.Activations;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Native attention in every instruction set of this processor against the scalar reference, at odd sizes. */
@Timeout(120)
class NativeAttentionTest {
    private static final NativeLibrary LIBRARY = NativeLibrary.find();
    private static final int[] PAGES = {64, 1, 67, 31};

    private final Kernels scalar = new ScalarKernels(Team.of(1), Activations.F32, "");
    private final Samples samples = new Samples(11);

    static Stream<Arguments> setsAndTypes() {
        assumeThat(LIBRARY.sets()).as(LIBRARY.missing()).isPositive();
        return IntStream.range(0, LIBRARY.sets())
                .boxed()
                .flatMap(set -> Arrays.stream(KvType.values())
                        .map(type -> Arguments.argumentSet(LIBRARY.name(set) + ", " + type, set, type)));
    }

    private static KvAttention attention(int set) {
        return new NativeAttention(LIBRARY, set);
    }

    /** What an attention has been given, as the reference walks it. */
    private record Run(MemorySegment page, int from, int to, int[] positions, float[] addends, int shift) {}

    @ParameterizedTest
    @MethodSource("setsAndTypes")
    void agreesWithTheReference(int set, KvType type) {
        KvAttention attention = attention(set);
        for (int dimension : new int[] {1, 3, 16, 31, 32, 64, 80, 97, 128}) {
            for (int n : new int[] {1, 2, 4, 7}) {
                check(attention, type, type, dimension, dimension, n, false);
                assertThat(attention.isEmpty()).isTrue();
            }
        }
        check(attention, type, KvType.F32, 64, 48, 12, false);
        check(attention, KvType.F16, type, 40, 64, 12, false);
        check(attention, type, KvType.F16, 80, 64, 22, false);
    }

    @ParameterizedTest
    @MethodSource("setsAndTypes")
    void movesEntriesAsTheReferenceTurnsThem(int set, KvType type) {
        KvAttention attention = attention(set);
        assumeThat(attention.turns(type)).isTrue();
        for (int dimension : new int[] {1, 3, 16, 31, 32, 64, 80, 97, 128})
            for (int n : new int[] {1, 2, 4, 7}) check(attention, type, KvType.F16, dimension, dimension, n, true);
    }

    /** A block's weights may be so small beside those of another that their inverse is infinite. */
    @ParameterizedTest
    @MethodSource("setsAndTypes")
    void entriesThatWeighNextToNothingAddNothing(int set, KvType type) {
        KvAttention attention = attention(set);
        int dimension = 64;
        int entries = 64;
        long valueBase = KvType.F16.bytes(dimension, entries);
        MemorySegment page = Samples.nativeSegment(valueBase + type.bytes(dimension, entries));
        scalar.kv(KvType.F16).write(new float[entries * dimension], 0, dimension, entries, page, 0, 0, dimension);
        scalar.kv(type).write(samples.normal(entries * dimension), 0, dimension, entries, page, valueBase, 0, dimension);
        float[] addends = new float[entries];
        Arrays.fill(addends, -85);
        addends[5] = Float.NEGATIVE_INFINITY;
        float[][] found = new float[2][dimension];
        for (int i = 0; i < 2; i++) {
            attention.add(page, 0, entries);
            if (i == 1) attention.add(page, 0, entries, new int[entries], addends, 0);
            float[] sums = new float[1];
            attention.attend(KvType.F16, type, dimension, dimension, valueBase, new float[dimension], 1, 1, new int[1],
                    new int[1], 1, Optional.empty(), false, new float[] {Float.NEGATIVE_INFINITY}, sums, found[i]);
            assertThat(sums[0]).isEqualTo(entries);
        }
        assertThat(found[1]).isEqualTo(found[0]);
    }

    @ParameterizedTest
    @MethodSource("setsAndTypes")
    void valuesThatAreAllTheSameHaveNoScale(int set, KvType type) {
        KvAttention attention = attention(set);
        int dimension = 64;
        int entries = 100;
        long valueBase = KvType.F16.bytes(dimension, entries);
        MemorySegment page = Samples.nativeSegment(valueBase + type.bytes(dimension, entries));
        scalar.kv(KvType.F16).write(samples.normal(entries * dimension), 0, dimension, entries, page, 0, 0, dimension);
        float[] zeros = new float[entries * dimension];
        if (type.paired()) scalar.kv(type).write(zeros, lengths(entries), lengths(entries), 0, entries, page, valueBase, dimension);
        else scalar.kv(type).write(zeros, 0, dimension, entries, page, valueBase, 0, dimension);
        attention.add(page, 0, entries);
        float[] found = new float[4 * dimension];
        float[] maxima = new float[4];
        Arrays.fill(maxima, Float.NEGATIVE_INFINITY);
        attention.attend(KvType.F16, type, dimension, dimension, valueBase, samples.normal(4 * dimension), 4, 1, new int[4],
                new int[] {entries, entries, entries, entries}, 4, Optional.empty(), false, maxima, new float[4], found);
        for (float each : found) assertThat(each).isZero();
    }

    /** A page may have more entries than a group, of which a run need not begin with the first. */
    @ParameterizedTest
    @MethodSource("setsAndTypes")
    void runsMayGoThroughSeveralGroups(int set, KvType type) {
        checkRuns(attention(set), type, type, new int[] {10, 190}, 0);
    }

    @ParameterizedTest
    @MethodSource("setsAndTypes")
    void runsMayBeWholeBlocks(int set, KvType type) {
        checkRuns(attention(set), type, type, new int[] {0, 64, 80, 144, 150, 214, 220, 260, 300, 364, 370, 434}, 0);
    }

    /** Many entries that lie apart are read out of order. */
    @ParameterizedTest
    @MethodSource("setsAndTypes")
    void entriesMayLieApart(int set, KvType type) {
        KvAttention attention = attention(set);
        int[] ends = new int[2 * 100];
        for (int i = 0; i < 100; i++) {
            ends[2 * i] = 4 * i + i % 2;
            ends[2 * i + 1] = ends[2 * i] + 1 + i % 3;
        }
        ends[2 * 30 + 1] = ends[2 * 31];
        checkRuns(attention, type, type, ends, 0);
        if (attention.turns(type)) checkRuns(attention, type, KvType.F16, ends, 3);
    }

    /** Attends to runs of a page, which begin and end at `ends`; with a step each is moved on by so much more than the one before. */
    private void checkRuns(KvAttention attention, KvType keys, KvType values, int[] ends, int step) {
        int dimension = 64;
        int entries = ends[ends.length - 1] + 10;
        long valueBase = keys.bytes(dimension, entries);
        MemorySegment page = Samples.nativeSegment(valueBase + values.bytes(dimension, entries));
        write(keys, entries, dimension, page, 0);
        write(values, entries, dimension, page, valueBase);
        int[] all = IntStream.range(0, entries).toArray();
        Run[] runs = new Run[ends.length / 2];
        for (int i = 0; i < runs.length; i++) {
            int shift = step * (i + 1);
            int from = ends[2 * i];
            int to = ends[2 * i + 1];
            runs[i] = new Run(page, from, to, new int[0], new float[0], shift);
            if (step == 0) attention.add(page, from, to);
            else attention.add(page, all, IntStream.generate(() -> shift).limit(entries).toArray(), from, to, 0);
        }
        float[] queries = samples.normal(4 * dimension);
        float[] maxima = new float[4];
        Arrays.fill(maxima, Float.NEGATIVE_INFINITY);
        float[] sums = new float[4];
        float[] y = new float[4 * dimension];
        Turns turns = turns(dimension);
        attention.attend(keys, values, dimension, dimension, valueBase, queries, 4, 0.125f, new int[4], new int[4], 4,
                Optional.of(turns), false, maxima, sums, y);
        double tolerance = fewBits(keys) || fewBits(values) ? 5e-2 : 1e-3;
        for (int q = 0; q < 4; q++) {
            double[] scores = scores(runs, keys, dimension, queries, q, 0.125f, 0, 0, turns);
            double[] expected = reference(runs, scores, values, dimension, valueBase, 0);
            for (int c = 0; c < dimension; c++)
                assertThat((double) y[q * dimension + c] / sums[q]).isCloseTo(expected[c], within(tolerance));
        }
    }

    /** Writes vectors; those that two layers share have other lengths in each. */
    private void write(KvType type, int n, int dimension, MemorySegment page, long base) {
        float[] x = samples.normal(n * dimension);
        if (type.paired()) scalar.kv(type).write(x, lengths(n), lengths(n), 0, n, page, base, dimension);
        else scalar.kv(type).write(x, 0, dimension, n, page, base, 0, dimension);
    }

    private float[] lengths(int n) {
        float[] lengths = samples.normal(n);
        for (int i = 0; i < n; i++) lengths[i] = 1 + lengths[i] / 4;
        return lengths;
    }

    private void check(
            KvAttention attention, KvType keys, KvType values, int keyDimension, int valueDimension, int n, boolean moved) {
        long valueBase = Arrays.stream(PAGES).mapToLong(size -> keys.bytes(keyDimension, size)).max().orElseThrow();
        MemorySegment[] pages = new MemorySegment[PAGES.length];
        for (int p = 0; p < pages.length; p++) {
            pages[p] = Samples.nativeSegment(valueBase + values.bytes(valueDimension, PAGES[p])).fill((byte) 0xFF);
            write(keys, PAGES[p], keyDimension, pages[p], 0);
            write(values, PAGES[p], valueDimension, pages[p], valueBase);
        }
        Run[] runs = new Run[60];
        for (int i = 0; i < runs.length; i++) {
            int page = i * i % PAGES.length;
            int from = i < 4 ? 0 : i * 11 % PAGES[page];
            int to = i < 4 ? PAGES[page] : Math.min(PAGES[page], from + 1 + i % 3);
            int[] positions = i % 5 == 4 ? IntStream.range(100 * i, 100 * i + to - from).toArray() : new int[0];
            int shift = moved && i % 4 > 0 ? i * i : 0;
            runs[i] = new Run(pages[page], from, to, positions, samples.normal(positions.length), shift);
            int start = 100 * i;
            int[] entries = IntStream.range(start + from - 1, start + to + 1).toArray();
            int[] shifts = new int[entries.length];
            Arrays.fill(shifts, shift);
            if (positions.length == 0 && shift != 0) attention.add(pages[page], entries, shifts, 1, 1 + to - from, start);
            else if (positions.length == 0 && i % 3 == 0) attention.add(pages[page], entries, 1, 1 + to - from, start);
            else if (positions.length == 0) attention.add(pages[page], from, to);
            else attention.add(pages[page], from, to, positions, runs[i].addends, shift);
        }
        float[] queries = samples.normal(n * keyDimension);
        int group = n % 2 == 0 ? 2 : 1;
        int[] first = IntStream.range(0, n).map(i -> 500 + 300 * i).toArray();
        int[] last = IntStream.range(0, n).map(i -> 3000 + 200 * i).toArray();
        float[] maxima = new float[n];
        float[] sums = new float[n];
        if (n % 2 == 0) Arrays.fill(sums, 1); // a sink with a score of 0
        else Arrays.fill(maxima, Float.NEGATIVE_INFINITY);
        float[] y = new float[n * valueDimension];
        Turns turns = turns(keyDimension);
        boolean keep = n != 2;
        double[][] expected = new double[n][];
        double[][] scores = new double[n][];
        float scale = 1 / (float) Math.sqrt(keyDimension);
        for (int q = 0; q < n; q++)
            scores[q] = scores(runs, keys, keyDimension, queries, q, scale, first[q / group], last[q / group], turns);
        for (int q = 0; q < n; q++)
            expected[q] = reference(runs, scores[q], values, valueDimension, valueBase, sums[q]);
        attention.attend(keys, values, keyDimension, valueDimension, valueBase, queries, n, scale, first, last, group,
                Optional.of(turns), keep, maxima, sums, y);
        // Queries that meet codes of four bits are rounded to 8 bits, and so are the weights of codes of four or two bits,
        // which are off by 0.1 and 0.5 themselves; where two layers share them, lengths make more of it. Codes of eight bits meet
        // queries and weights of 15.
        double longer = keys.paired() || values.paired() ? 1.75 : 1;
        double scoreTolerance = longer * (fewBits(keys) ? 5e-2 : bytes(keys) ? 4e-4 : 1e-4);
        for (int q = 0; q < n && keep; q++)
            for (boolean withPositions : new boolean[] {false, true}) {
                double[] all = scores[q];
                double[] kept = keptInOrder(runs, all, withPositions);
                float[] found = new float[kept.length + 1];
                attention.kept(q, withPositions, 0, kept.length, found, 1);
                for (int i = 0; i < kept.length; i++)
                    assertThat((double) found[1 + i]).isCloseTo(kept[i], within(scoreTolerance));
            }
        double ofFew = fewBits(keys) ? 2.5e-2 : values.bits() == 2 ? 2e-2 : fewBits(values) ? 1e-2 : 0;
        double tolerance = longer * (ofFew > 0 ? ofFew : bytes(keys) || bytes(values) ? 3e-4 : 1e-4);
        for (int q = 0; q < n; q++)
            for (int c = 0; c < valueDimension; c++)
                assertThat((double) y[q * valueDimension + c] / sums[q])
                        .as("%s, %s: element %d of %d, query %d of %d", keys, values, c, valueDimension, q, n)
                        .isCloseTo(expected[q][c], within(tolerance));
    }

    private static boolean bytes(KvType type) {
        return type.bits() == 8 || type == KvType.Q8_0;
    }

    private static boolean fewBits(KvType type) {
        return type.bits() == 4 || type.bits() == 2 || type == KvType.Q4_0;
    }

    private static Turns turns(int dimension) {
        Turns turns = new Turns(new Rope(
                dimension % 2 == 0 ? Rope.Pairing.HALVES : Rope.Pairing.INTERLEAVED,
                Rope.frequencies(dimension / 4 * 2, 10_000), 1f));
        turns.reach(4000);
        return turns;
    }

    /** Scores of the entries that were added with or without positions. */
    private static double[] keptInOrder(Run[] runs, double[] scores, boolean withPositions) {
        double[] kept = new double[scores.length];
        int to = 0;
        int at = 0;
        for (Run run : runs)
            for (int i = run.from; i < run.to; i++, at++) if (run.positions.length > 0 == withPositions) kept[to++] = scores[at];
        return Arrays.copyOf(kept, to);
    }

    /** Of all entries of all runs, negative infinity where they are not seen. */
    private double[] scores(
            Run[] runs, KvType keys, int dimension, float[] queries, int q, float scale, int first, int last, Turns turns) {
        double[] scores = new double[Arrays.stream(runs).mapToInt(run -> run.to - run.from).sum()];
        float[] key = new float[dimension];
        int at = 0;
        for (Run run : runs)
            for (int i = 0; i < run.to - run.from; i++, at++) {
                scalar.kv(keys).read(run.page, 0, run.from + i, 1, dimension, key, 0, 0);
                turns.turn(key, 0, run.shift);
                for (int c = 0; c < dimension; c++) scores[at] += (double) scale * queries[q * dimension + c] * key[c];
                if (run.positions.length == 0) continue;
                scores[at] += run.addends[i];
                if (run.positions[i] < first || run.positions[i] > last) scores[at] = Double.NEGATIVE_INFINITY;
            }
        return scores;
    }

    private double[] reference(
            Run[] runs, double[] scores, KvType values, int valueDimension, long valueBase, double sink) {
        float[] value = new float[valueDimension];
        double[] y = new double[valueDimension];
        double sum = sink;
        int at = 0;
        for (Run run : runs)
            for (int i = 0; i < run.to - run.from; i++) {
                scalar.kv(values).read(run.page, valueBase, run.from + i, 1, valueDimension, value, 0, 0);
                double weight = Math.exp(scores[at++]);
                sum += weight;
                for (int c = 0; c < valueDimension; c++) y[c] += weight * value[c];
            }
        for (int c = 0; c < valueDimension; c++) y[c] /= sum;
        return y;
    }
}
