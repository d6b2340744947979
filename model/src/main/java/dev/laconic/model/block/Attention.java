package dev.laconic.model.block;

import dev.laconic.kernels.Kernels;
import dev.laconic.kernels.Team;
import dev.laconic.model.Mask;
import dev.laconic.model.Rows;
import dev.laconic.model.Sequence;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.State;
import dev.laconic.model.State.Buffer;
import dev.laconic.model.kv.HeadCache;
import dev.laconic.model.kv.KvCache;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Softmax attention of a step's rows over their sequences' KV caches. Pages are walked with an online softmax: running
 * maximum m, sum l and weighted values a per query, rescaled by {@code exp(m - m')} when a page raises the maximum. The
 * query heads of a group, and the rows of a tile, share each load of a key. One instance belongs to one state.
 */
public final class Attention implements Team.Task {
    private static final int TILE_QUERIES = 32;
    /** Elements of queries, times entries, from which other threads are told. */
    private static final long WORTH_SHARING = 1 << 17;
    /** The same for threads that sleep. */
    private static final long WORTH_WAKING = 1 << 20;

    /**
     * What is fixed for a layer.
     *
     * @param layer index of the layer in the cache
     * @param queryHeads number of query heads, a multiple of {@code kvHeads}
     * @param scale factor on query-key products
     * @param softcap {@code score = softcap * tanh(score / softcap)}, or 0 for none
     * @param sinks a score per query head that takes part in the softmax and has no value, or empty
     * @param bias what distance adds to the scores
     */
    public record Spec(
            int layer, int queryHeads, int kvHeads, int keyDimension, int valueDimension, float scale, Reach reach,
            float softcap, float[] sinks, Optional<ScoreBias> bias) {

        int group() {
            return queryHeads / kvHeads;
        }
    }

    private final Kernels kernels;
    private HeadAttention[] workers = new HeadAttention[0];
    private State state;
    private Spec spec;
    private boolean cross;
    private boolean writing;
    private boolean attending;
    private int tileRows;
    /** The next share of the work that nobody has taken: heads may hold different numbers of entries. */
    private final AtomicInteger untaken = new AtomicInteger();

    public Attention(Kernels kernels) {
        this.kernels = kernels;
    }

    /**
     * Writes the rows' keys and values (buffers KEY and VALUE, heads side by side) to their sequences' caches, then
     * attends with the queries in QUERY and leaves the heads' results side by side in ATTENDED. A row whose position is
     * cached already overwrites its entry; the rows of a tree always append. Rows that end in this layer do not attend.
     *
     * @param in what queries, keys and values were computed from
     */
    public void apply(State newState, Spec newSpec, Buffer in) {
        Rows rows = newState.rows();
        for (int span = 0; span < rows.spans(); span++) {
            SequenceHooks hooks = rows.sequence(span).hooks();
            int start = rows.start(span);
            int queryWidth = newState.width(Buffer.QUERY);
            int keyWidth = newState.width(Buffer.KEY);
            if (hooks.wantsQueries(newSpec.layer()))
                hooks.beforeAttention(newSpec.layer(), rows.sequence(span), rows.position(start), rows.end(span) - start,
                        newState.values(Buffer.QUERY), start * queryWidth, queryWidth,
                        newState.values(Buffer.KEY), start * keyWidth, keyWidth);
        }
        begin(newState, newSpec, false);
        boolean written = state.ending();
        if (written) {
            share(true, false);
            state.end(in, this::lookedAt);
        }
        attend(written);
        for (int span = 0; span < rows.spans(); span++) {
            Sequence sequence = rows.sequence(span);
            sequence.hooks().afterAttention(newSpec.layer(), sequence);
        }
    }

    /** Attends to the sequences' cross caches, which are not written. */
    public void applyCross(State newState, Spec newSpec) {
        begin(newState, newSpec, true);
        attend(true);
    }

    private void begin(State newState, Spec newSpec, boolean newCross) {
        state = newState;
        spec = newSpec;
        cross = newCross;
        Team team = kernels.team();
        if (workers.length < team.size()) {
            int known = workers.length;
            workers = Arrays.copyOf(workers, team.size());
            for (int i = known; i < workers.length; i++) workers[i] = new HeadAttention(kernels);
        }
        tileRows = Math.max(1, TILE_QUERIES / spec.group());
    }

    /** Attends, after keys and values are written if they are not yet. */
    private void attend(boolean written) {
        state.reserve(Buffer.ATTENDED, spec.queryHeads * spec.valueDimension);
        int heads = state.rows().spans() * spec.kvHeads;
        // With enough heads for every thread one meeting of the team does both.
        boolean together = !written && heads >= kernels.team().size() && state.size() <= heads;
        if (!written && !together) share(true, false);
        share(together, true);
    }

    private void share(boolean write, boolean attend) {
        Team team = kernels.team();
        writing = write;
        attending = attend;
        untaken.set(0);
        long work = work();
        if (work < WORTH_SHARING) run(0, 1);
        else if (work < WORTH_WAKING) team.runBriefly(this);
        else team.run(this);
    }

    /** Elements of queries, times the entries that they may meet. */
    private long work() {
        Rows rows = state.rows();
        long work = 0;
        for (int span = 0; span < rows.spans(); span++) {
            Sequence sequence = rows.sequence(span);
            long entries = cross ? sequence.crossCache().orElseThrow().entries() : sequence.length();
            work += entries * (rows.end(span) - rows.start(span));
        }
        return work * spec.queryHeads * spec.keyDimension;
    }

    @Override
    public void run(int part, int parts) {
        HeadAttention worker = workers[part];
        worker.step(state, spec, cross);
        Rows rows = state.rows();
        int item = 0;
        int taken = untaken.getAndIncrement();
        for (int span = 0; span < rows.spans(); span++) {
            Sequence sequence = rows.sequence(span);
            KvCache cache = cross ? sequence.crossCache().orElseThrow() : sequence.cache();
            for (int head = 0; head < spec.kvHeads; head++) {
                HeadCache entries = cache.head(spec.layer, head);
                if (writing) {
                    if (item++ != taken) continue;
                    write(span, head, entries);
                    if (attending)
                        for (int row = rows.start(span); row < rows.end(span); row += tileRows)
                            worker.attend(span, head, entries, row, Math.min(row + tileRows, rows.end(span)));
                    taken = untaken.getAndIncrement();
                } else {
                    // What hooks learn of a head they learn in order, and from one thread at a time.
                    boolean whole = hooked(sequence);
                    if (whole && item++ != taken) continue;
                    for (int row = rows.start(span); row < rows.end(span); row += tileRows) {
                        if (!whole && item++ != taken) continue;
                        worker.attend(span, head, entries, row, Math.min(row + tileRows, rows.end(span)));
                        if (!whole) taken = untaken.getAndIncrement();
                    }
                    if (whole) taken = untaken.getAndIncrement();
                }
            }
        }
    }

    /** Whether hooks learn of a row's attention, or it is of a tree, of which entries are counted. */
    private boolean lookedAt(int span, int row) {
        Rows rows = state.rows();
        SequenceHooks hooks = rows.sequence(span).hooks();
        int position = rows.position(row);
        return rows.mask(span) == Mask.TREE || hooks.selects(spec.layer) || hooks.wantsProducts(spec.layer)
                || hooks.wantsProbabilities(spec.layer) && hooks.wantsProbabilities(spec.layer, position, position + 1);
    }

    private boolean hooked(Sequence sequence) {
        SequenceHooks hooks = sequence.hooks();
        return !cross
                && (hooks.wantsProbabilities(spec.layer) || hooks.selects(spec.layer) || hooks.wantsProducts(spec.layer));
    }

    private void write(int span, int head, HeadCache entries) {
        Rows rows = state.rows();
        float[] keys = state.values(Buffer.KEY);
        float[] values = state.values(Buffer.VALUE);
        int keyWidth = state.width(Buffer.KEY);
        int valueWidth = state.width(Buffer.VALUE);
        int keyOffset = head * spec.keyDimension;
        int valueOffset = head * spec.valueDimension;
        int from = rows.start(span);
        int to = rows.end(span);
        boolean tree = rows.mask(span) == Mask.TREE;
        int row = from;
        while (row < to) {
            int entry = tree || rows.position(row) >= state.lengthBefore(span) ? -1 : entries.find(rows.position(row));
            if (entry >= 0) {
                entries.overwrite(entry, keys, keyOffset + row * keyWidth, values, valueOffset + row * valueWidth,
                        rows.position(row), 1f);
                row++;
                continue;
            }
            int end = tree || rows.position(row) >= state.lengthBefore(span) ? to : row + 1;
            entries.append(keys, keyOffset + row * keyWidth, keyWidth, values, valueOffset + row * valueWidth, valueWidth,
                    rows.positions(), row, end - row);
            row = end;
        }
    }
}
