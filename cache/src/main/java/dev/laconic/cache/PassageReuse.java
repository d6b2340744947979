package dev.laconic.cache;

import dev.laconic.cache.store.BlockKey;
import dev.laconic.cache.store.Fingerprint;
import dev.laconic.cache.store.KvBlock;
import dev.laconic.cache.store.KvStore;
import dev.laconic.core.ReceiptRecorder;
import dev.laconic.core.error.MalformedInputException;
import dev.laconic.kernels.Rope;
import dev.laconic.kernels.Top;
import dev.laconic.model.Model;
import dev.laconic.model.Rows;
import dev.laconic.model.Sequence;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.State;
import dev.laconic.model.block.Attention;
import dev.laconic.model.generate.GenerationOptions;
import dev.laconic.model.generate.Prompt;
import dev.laconic.model.generate.PromptCache;
import dev.laconic.model.kv.HeadCache;
import dev.laconic.model.kv.KvCache;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@link CacheBlend} for one model and one store. A prompt of three pieces or more begins with what introduces it and ends
 * with what is asked; those between are passages.
 */
final class PassageReuse implements PromptCache {
    private static final Logger LOG = LoggerFactory.getLogger(PassageReuse.class);
    /** Rows that are compared at a time. */
    private static final int ROWS = 64;

    private final CacheBlend technique;
    private final KvStore store;
    private final CacheStage stage;
    private final Model model;
    private final String fingerprint;

    PassageReuse(CacheBlend technique, KvStore store, CacheStage stage) {
        this.technique = technique;
        this.store = store;
        this.stage = stage;
        this.model = stage.model();
        this.fingerprint = Fingerprint.of(model);
    }

    /** A block and where in the prompt its tokens begin. */
    private record Placed(BlockKey key, KvBlock block, int start) {}

    @Override
    public Filled fill(
            Prompt prompt, int done, Sequence sequence, State state, ReceiptRecorder recorder, BooleanSupplier cancelled) {
        if (prompt.pieces() < 3 || done > prompt.start(1) || prompt.start(prompt.pieces() - 1) == prompt.length())
            return new Filled(done, done);
        stage.requireFirstRow(prompt.start(prompt.pieces() - 1), prompt.length());
        SequenceHooks hooks = sequence.hooks();
        sequence.truncate(0);
        sequence.hooks(SequenceHooks.NONE);
        Set<BlockKey> damaged = new HashSet<>();
        try {
            while (true) {
                Work work = new Work(prompt, sequence, state, recorder, cancelled, damaged);
                try (work) {
                    return work.run();
                } catch (DamagedBlock found) {
                    LOG.warn("{}; it is computed again", found.getMessage());
                    store.remove(found.key);
                    damaged.add(found.key);
                    sequence.truncate(0);
                } catch (CancellationException ended) {
                    sequence.truncate(0);
                    return new Filled(0, 0);
                }
            }
        } finally {
            sequence.hooks(hooks);
        }
    }

    /** Says which block was found damaged while it was read. */
    private static final class DamagedBlock extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final transient BlockKey key;

        DamagedBlock(BlockKey key, MalformedInputException cause) {
            super(cause.getMessage(), cause);
            this.key = key;
        }
    }

    /** The filling of one sequence. */
    private final class Work implements State.RowFilter, AutoCloseable {
        private final Prompt prompt;
        private final Sequence sequence;
        private final State state;
        private final ReceiptRecorder recorder;
        private final BooleanSupplier cancelled;
        private final Set<BlockKey> damaged;
        private final List<Placed> placed = new ArrayList<>();
        private final Map<BlockKey, KvBlock> computed = new HashMap<>();
        private final Rows rows = new Rows();
        private final Top top = model.kernels().top();
        private final int tokens;
        private int reused;
        private float[] deviations = {};

        Work(
                Prompt prompt, Sequence sequence, State state, ReceiptRecorder recorder, BooleanSupplier cancelled,
                Set<BlockKey> damaged) {
            this.prompt = prompt;
            this.sequence = sequence;
            this.state = state;
            this.recorder = recorder;
            this.cancelled = cancelled;
            this.damaged = damaged;
            tokens = prompt.start(prompt.pieces() - 1);
        }

        Filled run() {
            sequence.prefill(prompt.length(), false);
            find();
            sequence.hold(prompt.ids(), 0, tokens);
            if (technique.ratio().items(tokens, 1) == 0) for (int layer = 0; layer < model.layers(); layer++) load(layer);
            else blend();
            return new Filled(tokens, reused);
        }

        /** Finds the blocks of all pieces, and computes those that are not there. */
        private void find() {
            int head = prompt.start(1);
            BlockKey key = BlockKey.root(fingerprint, sequence.cache());
            try (Sequence alone = sequence.fork()) {
                if (head > 0) {
                    key = key.then(prompt.ids(), 0, head);
                    place(key, 0, head, alone, 0);
                    for (int layer = 0; layer < model.layers(); layer++) read(placed.getFirst(), layer, alone.cache());
                    alone.hold(prompt.ids(), 0, head);
                }
                for (int piece = 1; piece < prompt.pieces() - 1; piece++) {
                    int from = prompt.start(piece);
                    int to = prompt.start(piece + 1);
                    if (from < to) place(key.then(prompt.ids(), from, to), from, to, alone, head);
                }
            }
        }

        /** @param before what comes before the piece where it is computed by itself, {@code head} tokens */
        private void place(BlockKey key, int from, int to, Sequence before, int head) {
            Optional<KvBlock> known = Optional.ofNullable(computed.get(key));
            if (known.isEmpty() && !damaged.contains(key)) {
                known = store.get(key);
                if (known.isPresent()) reused += to - from;
            }
            if (known.isEmpty()) {
                try (Sequence own = before.fork()) {
                    compute(own, from, to);
                    store.put(key, own.cache(), head, head + to - from);
                    known = Optional.of(KvBlock.of(own.cache(), head, head + to - from));
                    computed.put(key, known.get());
                }
            }
            placed.add(new Placed(key, known.get(), from));
        }

        private void compute(Sequence own, int from, int to) {
            for (int at = from; at < to; at += GenerationOptions.DEFAULT_PREFILL_CHUNK) {
                requireWanted();
                int end = Math.min(to, at + GenerationOptions.DEFAULT_PREFILL_CHUNK);
                rows.clear().span(own, model.architecture().mask());
                int position = own.length();
                for (int i = at; i < end; i++) rows.token(prompt.ids()[i], position++, false);
                model.advance(model.embed(rows, state).logitsOnly());
                recorder.rows(0, model.layers(), end - at);
            }
        }

        private void blend() {
            rows.clear().span(sequence, model.architecture().mask());
            for (int i = 0; i < tokens; i++) rows.token(prompt.ids()[i], i, false);
            try (ExecutorService reader =
                    Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("laconic-read").factory())) {
                try {
                    CompletableFuture<Void> next = read(reader, 1);
                    model.embed(rows, state).logitsOnly();
                    model.advance(state, 0, 1);
                    recorder.rows(0, 1, tokens);
                    state.filter(this);
                    for (int layer = 1; layer < model.layers(); layer++) {
                        requireWanted();
                        next.join();
                        next = read(reader, layer + 1);
                        model.advance(state, layer, layer + 1);
                        recorder.rows(layer, layer + 1, state.computed(0));
                    }
                } catch (CompletionException failed) {
                    if (failed.getCause() instanceof RuntimeException cause) throw cause;
                    throw failed;
                } finally {
                    reader.shutdownNow();
                }
            }
        }

        private CompletableFuture<Void> read(ExecutorService reader, int layer) {
            return layer < model.layers()
                    ? CompletableFuture.runAsync(() -> load(layer), reader)
                    : CompletableFuture.completedFuture(null);
        }

        /** Fills a layer of the sequence from the blocks, keys turned to where their tokens stand. */
        private void load(int layer) {
            KvCache cache = sequence.cache();
            Optional<Rope> rope = model.architecture().rope(layer);
            for (Placed each : placed) {
                read(each, layer, cache);
                int delta = each.start - each.block.shape().position();
                if (delta == 0) continue;
                for (int head = 0; head < cache.heads(layer); head++)
                    cache.head(layer, head).rotate(
                            each.start, each.start + each.block.shape().tokens(), delta, rope.orElseThrow());
            }
        }

        private static void read(Placed placed, int layer, KvCache into) {
            try {
                placed.block.read(layer, into);
            } catch (MalformedInputException found) {
                throw new DamagedBlock(placed.key, found);
            }
        }

        private void requireWanted() {
            if (cancelled.getAsBoolean()) throw new CancellationException();
        }

        /** Puts the rows' keys and values in the place of the cached ones, and has those go on that differ most. */
        @Override
        public int choose(State step, Attention.Spec spec, int[] kept) {
            int size = step.size();
            int count = Math.min(size, technique.rows(spec.layer(), model.layers(), tokens));
            if (count == size) return all(kept, size);
            if (deviations.length < size) deviations = new float[size];
            Arrays.fill(deviations, 0, size, 0f);
            step.forRows(
                    (at, keys, values, from, to) -> compare(at, spec, from, to),
                    State.Buffer.KEY, State.Buffer.VALUE, size);
            top.find(deviations, size, count);
            System.arraycopy(top.kept(), 0, kept, 0, count);
            for (int head = 0; head < spec.kvHeads(); head++) overwriteOthers(step, spec, head, count);
            return count;
        }

        private static int all(int[] kept, int size) {
            for (int row = 0; row < size; row++) kept[row] = row;
            return size;
        }

        /** Adds up how far the keys and values of rows {@code from} to {@code to} are from those that are cached. */
        private void compare(State step, Attention.Spec spec, int from, int to) {
            float[] x = new float[ROWS * Math.max(spec.keyDimension(), spec.valueDimension())];
            for (int head = 0; head < spec.kvHeads(); head++) {
                HeadCache entries = sequence.cache().head(spec.layer(), head);
                for (int row = from, run; row < to; row += run) {
                    int entry = step.rows().position(row);
                    run = run(step, row, Math.min(to, row + ROWS));
                    entries.readKeys(entry, entry + run, x, 0);
                    addDistances(step, State.Buffer.KEY, row, run, head, spec.keyDimension(), x);
                    entries.readValues(entry, entry + run, x, 0);
                    addDistances(step, State.Buffer.VALUE, row, run, head, spec.valueDimension(), x);
                }
            }
        }

        /** How many rows up to {@code end} stand beside each other in the text. */
        private static int run(State step, int row, int end) {
            int first = step.rows().position(row);
            int next = row + 1;
            while (next < end && step.rows().position(next) == first + next - row) next++;
            return next - row;
        }

        private void addDistances(State step, State.Buffer buffer, int row, int n, int head, int dimension, float[] x) {
            float[] values = step.values(buffer);
            for (int j = 0; j < n; j++) {
                int from = (row + j) * step.width(buffer) + head * dimension;
                float sum = 0;
                for (int i = 0; i < dimension; i++) {
                    float difference = values[from + i] - x[j * dimension + i];
                    sum += difference * difference;
                }
                deviations[row + j] += sum;
            }
        }

        private void overwriteOthers(State step, Attention.Spec spec, int head, int count) {
            HeadCache entries = sequence.cache().head(spec.layer(), head);
            int keyWidth = step.width(State.Buffer.KEY);
            int valueWidth = step.width(State.Buffer.VALUE);
            int next = 0;
            for (int row = 0, run; row < step.size(); row += run) {
                if (next < count && top.kept()[next] == row) {
                    next++;
                    run = 1;
                    continue;
                }
                run = run(step, row, next < count ? top.kept()[next] : step.size());
                entries.overwrite(
                        step.rows().position(row), run,
                        step.values(State.Buffer.KEY), row * keyWidth + head * spec.keyDimension(), keyWidth,
                        step.values(State.Buffer.VALUE), row * valueWidth + head * spec.valueDimension(), valueWidth);
            }
        }

        @Override
        public void close() {
            for (Placed each : placed) each.block.close();
            computed.values().forEach(KvBlock::close);
        }
    }
}
