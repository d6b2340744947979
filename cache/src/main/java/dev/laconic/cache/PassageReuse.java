package dev.laconic.cache;

import dev.laconic.cache.store.BlockKey;
import dev.laconic.cache.store.Fingerprint;
import dev.laconic.cache.store.KvBlock;
import dev.laconic.cache.store.KvStore;
import dev.laconic.core.ReceiptRecorder;
import dev.laconic.core.error.MalformedInputException;
import dev.laconic.kernels.Rope;
import dev.laconic.model.Model;
import dev.laconic.model.Rows;
import dev.laconic.model.Sequence;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.State;
import dev.laconic.model.generate.Prompt;
import dev.laconic.model.generate.PromptCache;
import dev.laconic.model.kv.KvCache;
import java.util.ArrayList;
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
 * {@link CacheBlend} for one model and one store: finds the blocks of a prompt's pieces, has those computed that are not there,
 * and fills a sequence with them. A prompt of three pieces or more begins with what introduces it and ends
 * with what is asked; those between are passages.
 */
final class PassageReuse implements PromptCache {
    private static final Logger LOG = LoggerFactory.getLogger(PassageReuse.class);

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
    private record Placed(BlockKey key, KvBlock block, int start) {
        /** How far its tokens are from where they were computed. */
        int delta() {
            return start - block.shape().position();
        }
    }

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
    private final class Work implements AutoCloseable {
        private final Prompt prompt;
        private final Sequence sequence;
        private final State state;
        private final ReceiptRecorder recorder;
        private final BooleanSupplier cancelled;
        private final Set<BlockKey> damaged;
        private final List<Placed> placed = new ArrayList<>();
        private final Map<BlockKey, KvBlock> computed = new HashMap<>();
        private final Rows rows = new Rows();
        private final int tokens;
        private int reused;

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
            int from = technique.ratio().items(tokens, 1) == 0 ? tokens : unmoved();
            if (from < tokens) blend(from);
            else for (int layer = 0; layer < model.layers(); layer++) load(layer);
            sequence.hold(prompt.ids(), 0, tokens);
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
            for (int at = from; at < to; at += Blend.BLOCK) {
                requireWanted();
                int end = Math.min(to, at + Blend.BLOCK);
                rows.clear().span(own, model.architecture().mask());
                int position = own.length();
                for (int i = at; i < end; i++) rows.token(prompt.ids()[i], position++, false);
                model.advance(model.embed(rows, state).logitsOnly());
                recorder.rows(0, model.layers(), end - at);
            }
        }

        /** How many tokens from the first on stand where their blocks were computed, behind what they were computed behind. */
        private int unmoved() {
            int end = 0;
            for (Placed each : placed) {
                if (each.delta() != 0) break;
                end = each.start + each.block.shape().tokens();
            }
            return end;
        }

        /** Fills the sequence with what is known of all tokens, and computes some of those from {@code from} on again. */
        private void blend(int from) {
            Blend blend = new Blend(model, state, sequence, prompt, from, tokens, this::requireWanted);
            try (ExecutorService reader =
                    Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("laconic-read").factory())) {
                try {
                    CompletableFuture<Void> next = read(reader, 1);
                    for (Placed each : placed) if (each.start < from) load(each, 0);
                    sequence.hold(prompt.ids(), 0, from);
                    recorder.rows(0, 1, blend.firstLayer());
                    for (int layer = 1; layer < model.layers(); layer++) {
                        next.join();
                        next = read(reader, layer + 1);
                        boolean last = layer == model.layers() - 1;
                        int rows = last ? blend.lastLayer()
                                : blend.layer(layer, technique.rows(layer, model.layers(), tokens));
                        recorder.rows(layer, layer + 1, rows);
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

        /** Fills a layer of the sequence from all blocks. */
        private void load(int layer) {
            for (Placed each : placed) load(each, layer);
        }

        /** Appends a block to a layer of the sequence, keys turned to where their tokens stand. */
        private void load(Placed each, int layer) {
            KvCache cache = sequence.cache();
            read(each, layer, cache);
            if (each.delta() == 0) return;
            Rope rope = model.architecture().rope(layer).orElseThrow();
            for (int head = 0; head < cache.heads(layer); head++)
                cache.head(layer, head)
                        .rotate(each.start, each.start + each.block.shape().tokens(), each.delta(), rope);
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

        @Override
        public void close() {
            for (Placed each : placed) each.block.close();
            computed.values().forEach(KvBlock::close);
        }
    }
}
