package dev.laconic.bench.speed;

import dev.laconic.bench.synthetic.RandomLlama;
import dev.laconic.bench.synthetic.Shape;
import dev.laconic.core.error.UsageException;
import dev.laconic.core.tensor.TensorType;
import dev.laconic.kernels.KernelOptions;
import dev.laconic.kernels.KvType;
import dev.laconic.model.Mask;
import dev.laconic.model.Model;
import dev.laconic.model.Rows;
import dev.laconic.model.Selection;
import dev.laconic.model.Sequence;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.State;
import dev.laconic.model.State.Buffer;
import dev.laconic.model.block.Attention;
import dev.laconic.model.kv.HeadCache;
import dev.laconic.model.load.LoadedModel;
import dev.laconic.model.load.ModelLoader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * Times attention of one decoded token over a cache of random keys and values, by how they are stored and how many are
 * selected, in the shape of a model of 1B parameters. All cases take turns in one run, so that their ratios hold on a
 * machine that does other things as well.
 */
public final class AttentionSpeed {
    private static final Shape WHOLE = Shape.named("1B");
    /** Turns, and time, before any is timed: compilers have done with most by then. */
    private static final int WARM_UP = 3;

    private static final long WARM_UP_NANOS = 1_000_000_000;
    private static final int NOT_TIMED = -1;
    private static final int CHUNK = 256;

    /**
     * What is measured.
     *
     * @param layers layers that are computed; times are given for all layers of the model
     * @param rounds how often each case has its turn
     * @param codecs those that are measured, beside f16 and all entries; all if there are none
     */
    public record Options(List<Integer> lengths, int layers, int rounds, List<String> codecs, KernelOptions kernels) {
        public static final Options DEFAULTS =
                new Options(List.of(2_048, 32_768), 2, 31, List.of(), KernelOptions.defaults());

        public Options {
            lengths = List.copyOf(lengths);
            codecs = List.copyOf(codecs);
            List<String> known = CASES.stream().map(Case::codec).distinct().toList();
            for (String codec : codecs)
                if (!known.contains(codec))
                    throw new UsageException("codecs: found " + codec + ", expected some of " + String.join(", ", known));
            for (int length : lengths)
                if (length < 1 || length >= WHOLE.context())
                    throw new UsageException(
                            "lengths: found " + length + ", expected 1 to " + (WHOLE.context() - 1) + " tokens");
            if (layers < 1) throw new UsageException("layers: found " + layers + ", expected 1 or more");
            if (rounds < 1) throw new UsageException("rounds: found " + rounds + ", expected 1 or more");
        }

        /** The first is what the others are compared with. */
        private List<Case> cases() {
            Case first = CASES.getFirst();
            return CASES.stream()
                    .filter(of -> codecs.isEmpty() || of.equals(first) || codecs.contains(of.codec()))
                    .toList();
        }
    }

    /** How a cache is stored and which of its entries are attended to. */
    private record Case(KvType keys, KvType values, Share share) {
        String codec() {
            return keys == values ? keys.name() : keys + "/" + values;
        }
    }

    /** Which entries are attended to. */
    private enum Share {
        ALL("all", 1, 1),
        QUARTER("1/4", 4, 1),
        SIXTEENTH("1/16", 16, 1),
        SIXTEENTH_IN_RUNS("1/16 in runs of 16", 16, 16);

        private final String label;
        /** One run in so many is chosen. */
        private final int among;
        /** Entries of a run. */
        private final int run;

        Share(String label, int among, int run) {
            this.label = label;
            this.among = among;
            this.run = run;
        }

        /** Ascending entries of {@code size}. */
        int[] of(int size, SplittableRandom random) {
            int[] chosen = new int[size / among];
            int count = 0;
            for (int block = 0; block + among * run <= size; block += among * run) {
                int from = block + random.nextInt(among) * run;
                for (int i = 0; i < run; i++) chosen[count++] = from + i;
            }
            return Arrays.copyOf(chosen, count);
        }
    }

    private static final List<Case> CASES = List.of(
            new Case(KvType.F16, KvType.F16, Share.ALL),
            new Case(KvType.F16, KvType.F16, Share.QUARTER),
            new Case(KvType.F16, KvType.F16, Share.SIXTEENTH),
            new Case(KvType.F16, KvType.F16, Share.SIXTEENTH_IN_RUNS),
            new Case(KvType.BF16, KvType.BF16, Share.ALL),
            new Case(KvType.Q8_0, KvType.Q8_0, Share.ALL),
            new Case(KvType.Q4_0, KvType.Q4_0, Share.ALL),
            new Case(KvType.TOKEN_8, KvType.TOKEN_8, Share.ALL),
            new Case(KvType.TOKEN_4, KvType.TOKEN_4, Share.ALL),
            new Case(KvType.CHANNEL_8, KvType.TOKEN_8, Share.ALL),
            new Case(KvType.CHANNEL_4, KvType.TOKEN_4, Share.ALL),
            new Case(KvType.CHANNEL_4, KvType.TOKEN_4, Share.SIXTEENTH),
            new Case(KvType.CHANNEL_4, KvType.TOKEN_2, Share.ALL),
            new Case(KvType.CHANNEL_2, KvType.TOKEN_2, Share.ALL),
            new Case(KvType.LONG_CHANNEL_4, KvType.SEPARABLE_4, Share.ALL),
            new Case(KvType.LONG_CHANNEL_4, KvType.SEPARABLE_2, Share.ALL),
            new Case(KvType.SEPARABLE_4, KvType.SEPARABLE_4, Share.ALL),
            new Case(KvType.SEPARABLE_8, KvType.SEPARABLE_8, Share.ALL),
            new Case(KvType.ROTATED_8, KvType.ROTATED_8, Share.ALL),
            new Case(KvType.ROTATED_4, KvType.ROTATED_4, Share.ALL),
            new Case(KvType.ROTATED_4, KvType.ROTATED_2, Share.ALL),
            new Case(KvType.GEAR_CHANNEL_4, KvType.GEAR_TOKEN_4, Share.ALL));

    private final Options options;

    public AttentionSpeed(Options options) {
        this.options = options;
    }

    /** Measures, and hands each length's results over when they are there. */
    public void run(Consumer<AttentionResult> results) {
        Shape shape = new Shape(options.layers, WHOLE.width(), WHOLE.heads(), WHOLE.kvHeads(), 32,
                RandomLlama.FEWEST_TOKENS, WHOLE.context(), WHOLE.ropeBase());
        try {
            Path folder = Files.createTempDirectory("laconic-attention");
            Path file = folder.resolve("model.gguf");
            try {
                RandomLlama.write(shape, TensorType.Q8_0, 1, file);
                try (LoadedModel loaded = ModelLoader.open(
                        file, new ModelLoader.Options(Optional.empty(), options.kernels, Optional.empty()))) {
                    for (int length : options.lengths) measure(loaded.model(), length).forEach(results);
                }
            } finally {
                Files.deleteIfExists(file);
                Files.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the model to measure with cannot be written: " + e.getMessage(), e);
        }
    }

    private List<AttentionResult> measure(Model model, int length) {
        List<Run> runs = new ArrayList<>();
        try (Sequence plain = model.newSequence()) {
            fill(plain, length);
            for (Case of : options.cases()) runs.add(new Run(model, plain, of, options.rounds));
            long start = System.nanoTime();
            for (int round = 0; round < WARM_UP || System.nanoTime() - start < WARM_UP_NANOS; round++)
                for (Run run : runs) run.token(NOT_TIMED);
            for (int round = 0; round < options.rounds; round++) for (Run run : runs) run.token(round);
            double f16 = runs.getFirst().median();
            double scale = (double) WHOLE.layers() / options.layers;
            List<AttentionResult> results = new ArrayList<>();
            for (Run run : runs)
                results.add(new AttentionResult(
                        length, run.of.codec(), run.of.share.label, model.kernels().name(),
                        model.kernels().team().size(), scale * run.bytes() / length, scale * run.median() / 1e6,
                        f16 / run.median()));
            return results;
        } finally {
            runs.forEach(Run::close);
        }
    }

    private static void fill(Sequence sequence, int length) {
        SplittableRandom random = new SplittableRandom(7);
        int width = sequence.cache().head(0, 0).format().keyDimension();
        float[] x = new float[CHUNK * width * 2 + 1];
        for (int i = 0; i < x.length; i++) x[i] = (float) random.nextGaussian();
        int[] positions = new int[CHUNK];
        for (int from = 0; from < length; from += CHUNK) {
            int n = Math.min(CHUNK, length - from);
            for (int i = 0; i < n; i++) positions[i] = from + i;
            for (int layer = 0; layer < sequence.cache().layers(); layer++)
                for (int head = 0; head < sequence.cache().heads(layer); head++)
                    sequence.cache()
                            .head(layer, head)
                            .append(x, random.nextInt(CHUNK * width), width, x, random.nextInt(CHUNK * width), width,
                                    positions, 0, n);
        }
        sequence.length(length);
    }

    /** One case: a cache of its own, and the times of its turns. */
    private static final class Run implements AutoCloseable {
        private final Case of;
        private final Model model;
        private final Sequence sequence;
        private final State state;
        private final Rows rows = new Rows();
        private final int length;
        private final long[] times;

        Run(Model model, Sequence plain, Case of, int rounds) {
            this.of = of;
            this.model = model;
            sequence = plain.fork();
            length = plain.length();
            times = new long[rounds];
            for (int layer = 0; layer < sequence.cache().layers(); layer++)
                for (int head = 0; head < sequence.cache().heads(layer); head++) {
                    HeadCache entries = sequence.cache().head(layer, head);
                    for (int page = 0; page < entries.pageCount(); page++) entries.seal(page, of.keys, of.values);
                }
            if (of.share != Share.ALL) sequence.hooks(new Fixed(of.share.of(length, new SplittableRandom(3))));
            state = model.newState();
            rows.span(sequence, Mask.CAUSAL).token(0, length, false);
            model.embed(rows, state);
            SplittableRandom random = new SplittableRandom(5);
            for (Attention.Spec spec : model.architecture().attentions()) {
                fill(random, Buffer.QUERY, spec.queryHeads() * spec.keyDimension());
                fill(random, Buffer.KEY, spec.kvHeads() * spec.keyDimension());
                fill(random, Buffer.VALUE, spec.kvHeads() * spec.valueDimension());
            }
        }

        private void fill(SplittableRandom random, Buffer buffer, int width) {
            float[] x = state.reserve(buffer, width);
            for (int i = 0; i < width; i++) x[i] = (float) random.nextGaussian();
        }

        void token(int round) {
            long start = System.nanoTime();
            for (Attention.Spec spec : model.architecture().attentions()) state.attention().apply(state, spec, Buffer.HIDDEN);
            if (round >= 0) times[round] = System.nanoTime() - start;
            for (int layer = 0; layer < sequence.cache().layers(); layer++)
                for (int head = 0; head < sequence.cache().heads(layer); head++)
                    sequence.cache().head(layer, head).truncateTo(length);
        }

        double median() {
            long[] sorted = times.clone();
            Arrays.sort(sorted);
            return sorted[sorted.length / 2];
        }

        long bytes() {
            return sequence.cache().bytes();
        }

        @Override
        public void close() {
            sequence.close();
        }
    }

    /** Selects the same entries at each step. */
    private record Fixed(int[] entries) implements SequenceHooks {
        @Override
        public boolean selects(int layer) {
            return true;
        }

        @Override
        public void select(
                int layer, int kvHead, HeadCache held, float[] queries, int offset, int rows, int group,
                Selection selection) {
            selection.addAll(entries, entries.length);
        }
    }
}
