package dev.laconic.model.block;

import dev.laconic.kernels.Kernels;
import dev.laconic.kernels.KvAttention;
import dev.laconic.kernels.KvSearch;
import dev.laconic.model.Mask;
import dev.laconic.model.Rows;
import dev.laconic.model.Selection;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.State;
import dev.laconic.model.State.Buffer;
import dev.laconic.model.block.Attention.Spec;
import dev.laconic.model.kv.HeadCache;
import dev.laconic.model.kv.KvFormat;
import dev.laconic.model.kv.Page;
import dev.laconic.model.kv.PageTable;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;

/**
 * Attention of a few rows, a tile, to the entries of one head, with an online softmax: all of them or what hooks select, those
 * of a format together where kernels can and page by page where scores are changed on the way. One instance belongs to one
 * thread, whose scratch it holds.
 */
final class HeadAttention {
    /** So many selected entries side by side are read where they lie. */
    private static final int RUN = 16;

    private final Kernels kernels;
    private final Selection selection = new Selection();
    /** Takes many entries at once, where nothing is to be done to their scores. */
    private final Optional<KvAttention> together;

    private KvFormat togetherFormat;

    /** Whether that takes the queries at hand. */
    private boolean plain;
    private float[] queries = {};
    private float[] turned = {};
    /** The queries as they stand to the keys at hand: as they are or turned. */
    private float[] asked = {};

    private float[] scores = {};
    private float[] accumulated = {};
    private float[] maxima = {};
    private float[] sums = {};
    private float[] probed = {};
    /** Of the entries at hand: index in the head, position and logarithm of the weight. */
    private int[] indexes = {};

    private int[] positions = {};
    private float[] logWeights = {};
    /** Where gathered entries lie. */
    private MemorySegment[] pages = {};

    private int[] slots = {};
    private KvFormat gatheredFormat;
    private int gathered;
    private int[] firstPosition = {};
    private int[] lastPosition = {};
    private State state;
    private Spec spec;
    private boolean cross;
    private int span;
    private int fromRow;
    private int toRow;
    private int kvHead;
    private int treeBase;
    private HeadCache entries;
    private boolean probing;
    /** Whether scores are kept: for probabilities, or for products where these are what is attended by. */
    private boolean keeping;

    private float[] products = {};
    private Optional<KvSearch> search = Optional.empty();
    /** What is attended to together while scores are kept: seen by all queries, or masked. */
    private final AddedEntries open = new AddedEntries();

    private final AddedEntries limited = new AddedEntries();

    HeadAttention(Kernels kernels) {
        this.kernels = kernels;
        together = kernels.attention();
    }

    /** What the next calls are about: the rows of a step, and a layer that attends to its own cache or to a cross cache. */
    void step(State newState, Spec newSpec, boolean newCross) {
        state = newState;
        spec = newSpec;
        cross = newCross;
    }

    /** Attends to a head's entries with the queries of rows {@code newFromRow} to {@code newToRow} of a span. */
    void attend(int newSpan, int newKvHead, HeadCache newEntries, int newFromRow, int newToRow) {
        span = newSpan;
        kvHead = newKvHead;
        entries = newEntries;
        fromRow = newFromRow;
        toRow = newToRow;
        Rows rows = state.rows();
        SequenceHooks hooks = cross ? SequenceHooks.NONE : rows.sequence(span).hooks();
        probing = hooks.wantsProbabilities(spec.layer())
                && hooks.wantsProbabilities(spec.layer(), rows.position(fromRow), rows.position(toRow - 1) + 1);
        treeBase = !cross && rows.mask(span) == Mask.TREE ? entries.size() - (rows.end(span) - rows.start(span)) : -1;
        plain = together.isPresent() && treeBase < 0 && spec.softcap() == 0 && spec.bias().isEmpty()
                && together.get().fits(spec.keyDimension(), spec.valueDimension(), (toRow - fromRow) * spec.group());
        boolean asking = toRow - fromRow == 1 && hooks.wantsProducts(spec.layer());
        keeping = probing || asking && plain && allSeen(rows.position(fromRow));
        begin(rows);
        if (hooks.selects(spec.layer())) {
            selection.clear();
            hooks.select(spec.layer(), kvHead, entries, queries, 0, toRow - fromRow, spec.group(), selection);
            walkSelection();
        } else {
            int known = plain ? addKnown() : 0;
            for (int page = known; page < entries.pageCount(); page++) stretch(page, 0, entries.pageSize(page));
        }
        attendTogether();
        if (asking) hooks.products(spec.layer(), kvHead, entries, products());
        finish(hooks);
    }

    /** Adds the pages that the head's table knows, if all queries see all of them; returns how many these are. */
    private int addKnown() {
        PageTable table = entries.table();
        if (table.count() == 0 || !seen(table.minPosition(), table.maxPosition())) return 0;
        becomes(entries.page(0).format());
        together.get().add(table.addresses(), table.starts(), table.count());
        if (keeping) open.add(0, table.entries());
        return table.count();
    }

    /** Adds the selected entries among them, alike; returns how many these are. */
    private int addSelectedKnown() {
        PageTable table = entries.table();
        if (table.count() == 0 || selection.moved() || !seen(table.minPosition(), table.maxPosition())) return 0;
        int count = selection.below(table.entries());
        if (count == 0) return 0;
        becomes(entries.page(0).format());
        together.get().add(table.addresses(), table.starts(), selection.entries(), count);
        for (int i = 0; keeping && i < count; i++) open.add(selection.entry(i), 1);
        return count;
    }

    /** Whether a row sees all entries, they weigh alike, and all are attended to together by products as they are. */
    private boolean allSeen(int position) {
        for (int page = 0; page < entries.pageCount(); page++) {
            Page each = entries.page(page);
            if (each.weighted() || !together.get().exact(each.format().keys())) return false;
            if (each.minPosition() < spec.reach().first(position) || each.maxPosition() > position) return false;
        }
        return true;
    }

    /** The row's query-key products, each entry's largest; those that were kept are multiplied by the scale. */
    private float[] products() {
        int size = entries.size();
        if (products.length < size) products = new float[2 * size];
        if (!keeping || probing) {
            if (search.isEmpty()) search = Optional.of(kernels.search());
            search.get().begin(queries, 0, spec.group(), spec.keyDimension(), size);
            for (int page = 0; page < entries.pageCount(); page++) {
                Page each = entries.page(page);
                entries.searches(page, 0, entries.pageSize(page));
                search.get().add(each.format().keys(), each.data(), each.keyBase(), 0, entries.pageSize(page));
            }
            search.get().largest(products);
            return products;
        }
        System.arraycopy(probed, 0, products, 0, size);
        for (int q = 1; q < spec.group(); q++)
            for (int i = 0; i < size; i++) products[i] = Math.max(products[i], probed[q * size + i]);
        return products;
    }

    /** Gathers the tile's queries and sets up the online softmax. */
    private void begin(Rows rows) {
        int group = spec.group();
        int count = (toRow - fromRow) * group;
        int dimension = spec.keyDimension();
        int perPage = entries.format().entriesPerPage();
        if (queries.length < count * dimension) queries = new float[count * dimension];
        asked = queries;
        if (scores.length < count * perPage) scores = new float[count * perPage];
        if (positions.length != perPage) {
            indexes = new int[perPage];
            positions = new int[perPage];
            logWeights = new float[perPage];
            pages = new MemorySegment[perPage];
            slots = new int[perPage];
        }
        if (accumulated.length < count * spec.valueDimension()) accumulated = new float[count * spec.valueDimension()];
        if (maxima.length < count) {
            maxima = new float[count];
            sums = new float[count];
        }
        if (firstPosition.length < toRow - fromRow) {
            firstPosition = new int[toRow - fromRow];
            lastPosition = new int[toRow - fromRow];
        }
        if (keeping && probed.length < count * entries.size()) probed = new float[2 * count * entries.size()];
        if (probing) Arrays.fill(probed, 0, count * entries.size(), Float.NEGATIVE_INFINITY);
        Arrays.fill(accumulated, 0, count * spec.valueDimension(), 0f);
        float[] source = state.values(Buffer.QUERY);
        int width = state.width(Buffer.QUERY);
        for (int row = fromRow; row < toRow; row++) {
            System.arraycopy(source, row * width + kvHead * group * dimension, queries,
                    (row - fromRow) * group * dimension, group * dimension);
            int position = rows.position(row);
            boolean all = cross || rows.mask(span) == Mask.BIDIRECTIONAL;
            firstPosition[row - fromRow] = spec.reach().first(position);
            lastPosition[row - fromRow] = all ? spec.reach().last(position) : position;
        }
        for (int i = 0; i < count; i++) {
            boolean sink = spec.sinks().length > 0;
            maxima[i] = sink ? spec.sinks()[kvHead * group + i % group] : Float.NEGATIVE_INFINITY;
            sums[i] = sink ? 1f : 0f;
        }
    }

    /** Runs of entries are read where they lie; single ones are gathered from many pages first. */
    private void walkSelection() {
        if (selection.size() == 0) return;
        Objects.checkIndex(selection.entry(selection.size() - 1), entries.size());
        int i = plain ? addSelectedKnown() : 0;
        if (i == selection.size()) return;
        int page = entries.pageOf(selection.entry(i));
        int turn = 0;
        while (i < selection.size()) {
            int first = selection.entry(i);
            while (entries.pageStart(page + 1) <= first) page++;
            boolean alone = turnsAlone(entries.page(page));
            int shift = alone ? 0 : selection.shift(i);
            if (shift != turn) {
                attendTogether();
                attendToGathered();
                if (shift != 0) turn(shift);
                asked = shift == 0 ? queries : turned;
                turn = shift;
            }
            if (plain) {
                attendToGathered();
                i = addSelected(page, i, alone);
                continue;
            }
            int slot = first - entries.pageStart(page);
            int end = selection.endOfRun(i, entries.pageStart(page + 1));
            if (end - i >= RUN) {
                attendToGathered();
                stretch(page, slot, slot + end - i);
            } else {
                entries.attends(page, slot, slot + end - i);
                for (; i < end; i++) gather(page, slot++);
            }
            i = end;
        }
        attendToGathered();
    }

    /** Whether keys are moved as they are attended to, so that the queries need not be turned for them. */
    private boolean turnsAlone(Page page) {
        return plain && together.get().turns(page.format().keys());
    }

    /**
     * Adds a page's entries from the selection's number {@code i} on, unless each must be moved as this one. Returns the
     * number after them.
     */
    private int addSelected(int pageIndex, int i, boolean alone) {
        Page page = entries.page(pageIndex);
        becomes(page.format());
        int start = entries.pageStart(pageIndex);
        int limit = entries.pageStart(pageIndex + 1);
        boolean moving = alone && selection.moved();
        if (seen(page) && !page.cold() && (alone || !selection.moved())) {
            int end = selection.end(i, limit);
            if (moving) together.get().add(page.data(), selection.entries(), selection.shifts(), i, end, start);
            else together.get().add(page.data(), selection.entries(), i, end, start);
            if (keeping) for (int each = i; each < end; each++) open.add(selection.entry(each), 1);
            return end;
        }
        int end = selection.endOfRun(i, limit);
        int from = selection.entry(i) - start;
        entries.attends(pageIndex, from, from + end - i);
        addTogether(pageIndex, from, from + end - i, moving ? selection.shift(i) : 0);
        return end;
    }

    /** Keys moved on by {@code shift} have with the queries the products that they themselves have with these. */
    private void turn(int shift) {
        int dimension = spec.keyDimension();
        int count = (toRow - fromRow) * spec.group();
        if (turned.length < count * dimension) turned = new float[count * dimension];
        System.arraycopy(queries, 0, turned, 0, count * dimension);
        for (int i = 0; i < count; i++) selection.turns().orElseThrow().turn(turned, i * dimension, -shift);
    }

    private void gather(int pageIndex, int slot) {
        Page page = entries.page(pageIndex);
        if (gathered == positions.length || gathered > 0 && !page.format().equals(gatheredFormat)) attendToGathered();
        gatheredFormat = page.format();
        pages[gathered] = page.data();
        slots[gathered] = slot;
        indexes[gathered] = entries.pageStart(pageIndex) + slot;
        positions[gathered] = page.position(slot);
        logWeights[gathered] = page.weighted() ? (float) Math.log(page.weight(slot)) : 0f;
        gathered++;
    }

    private void attendToGathered() {
        if (gathered == 0) return;
        KvFormat format = gatheredFormat;
        int n = gathered;
        gathered = 0;
        int count = (toRow - fromRow) * spec.group();
        int stride = positions.length;
        kernels.kv(format.keys())
                .scores(pages, 0, slots, n, spec.keyDimension(), asked, 0, spec.keyDimension(), count, spec.scale(), scores,
                        0, stride);
        for (int i = 0; i < count; i++) weigh(i, n, true, Integer.MIN_VALUE, Integer.MAX_VALUE);
        kernels.kv(format.values())
                .accumulate(pages, format.valueBase(), slots, n, spec.valueDimension(), scores, 0, stride, count,
                        accumulated, 0, spec.valueDimension());
    }

    /** Entries {@code from} to {@code to} of a page, for all queries of the tile. */
    private void stretch(int pageIndex, int from, int to) {
        Page page = entries.page(pageIndex);
        int rowCount = toRow - fromRow;
        boolean visible = false;
        for (int r = 0; r < rowCount && !visible; r++)
            visible = page.minPosition() <= lastPosition[r] && page.maxPosition() >= firstPosition[r];
        if (!visible) return;
        entries.attends(pageIndex, from, to);
        if (plain) {
            addTogether(pageIndex, from, to, 0);
            return;
        }
        int count = rowCount * spec.group();
        int n = to - from;
        int stride = positions.length;
        page.positions(from, to, positions);
        for (int i = 0; i < n; i++) indexes[i] = entries.pageStart(pageIndex) + from + i;
        if (page.weighted()) readLogWeights(page, from, n);
        kernels.kv(page.format().keys())
                .scores(page.data(), page.keyBase(), from, to, spec.keyDimension(), asked, 0, spec.keyDimension(), count,
                        spec.scale(), scores, 0, stride);
        for (int i = 0; i < count; i++) weigh(i, n, page.weighted(), page.minPosition(), page.maxPosition());
        kernels.kv(page.format().values())
                .accumulate(page.data(), page.valueBase(), from, to, spec.valueDimension(), scores, 0, stride, count,
                        accumulated, 0, spec.valueDimension());
    }

    private void readLogWeights(Page page, int from, int n) {
        for (int i = 0; i < n; i++) logWeights[i] = page.weighted() ? (float) Math.log(page.weight(from + i)) : 0f;
    }

    private void addTogether(int pageIndex, int from, int to, int shift) {
        Page page = entries.page(pageIndex);
        becomes(page.format());
        int first = entries.pageStart(pageIndex) + from;
        if (seen(page) && shift == 0) {
            together.get().add(page.data(), from, to);
            if (keeping) open.add(first, to - from);
            return;
        }
        page.positions(from, to, positions);
        readLogWeights(page, from, to - from);
        together.get().add(page.data(), from, to, positions, logWeights, shift);
        if (keeping) limited.add(first, to - from);
    }

    /** What is attended to together has one format. */
    private void becomes(KvFormat format) {
        if (format == togetherFormat) return;
        attendTogether();
        togetherFormat = format;
    }

    /** Whether all queries see all entries of a page, and these weigh alike. */
    private boolean seen(Page page) {
        return !page.weighted() && seen(page.minPosition(), page.maxPosition());
    }

    /** Whether all queries see all positions between two bounds. */
    private boolean seen(int least, int most) {
        for (int r = 0; r < toRow - fromRow; r++)
            if (least < firstPosition[r] || most > lastPosition[r]) return false;
        return true;
    }

    private void attendTogether() {
        if (!plain || together.get().isEmpty()) return;
        KvFormat format = togetherFormat;
        int count = (toRow - fromRow) * spec.group();
        together.get()
                .attend(format.keys(), format.values(), spec.keyDimension(), spec.valueDimension(), format.valueBase(),
                        asked, count, spec.scale(), firstPosition, lastPosition, spec.group(), selection.turns(), keeping,
                        maxima, sums, accumulated);
        if (!keeping) return;
        for (int query = 0; query < count; query++) {
            open.copyScores(together.get(), query, false, probed, query * entries.size());
            limited.copyScores(together.get(), query, true, probed, query * entries.size());
        }
        open.clear();
        limited.clear();
    }

    /**
     * Turns a query's scores of {@code n} entries into weights of their values: softcap, bias, merged weights and mask,
     * then a step of the online softmax.
     *
     * @param least a bound that none of the entries' positions is below
     * @param most a bound that none is above
     */
    private void weigh(int query, int n, boolean weighted, int least, int most) {
        int at = query * positions.length;
        int row = query / spec.group();
        if (spec.softcap() > 0)
            for (int i = at; i < at + n; i++)
                scores[i] = spec.softcap() * (float) Math.tanh(scores[i] / spec.softcap());
        if (spec.bias().isPresent())
            spec.bias().get()
                    .add(kvHead * spec.group() + query % spec.group(), state.rows().position(fromRow + row),
                            positions, 0, n, scores, at);
        if (weighted) for (int i = 0; i < n; i++) scores[at + i] += logWeights[i];
        int first = firstPosition[row];
        int last = lastPosition[row];
        if (least < first || most > last)
            for (int i = 0; i < n; i++)
                if (positions[i] < first || positions[i] > last) scores[at + i] = Float.NEGATIVE_INFINITY;
        if (treeBase >= 0 && indexes[n - 1] >= treeBase) maskTree(n, fromRow + row, at);
        if (probing)
            for (int i = 0; i < n; i++) probed[query * entries.size() + indexes[i]] = scores[at + i];
        float max = kernels.max(scores, at, n);
        if (max == Float.NEGATIVE_INFINITY) {
            Arrays.fill(scores, at, at + n, 0f);
            return;
        }
        if (max > maxima[query]) {
            float correction = (float) Math.exp(maxima[query] - max);
            sums[query] *= correction;
            kernels.scale(correction, accumulated, query * spec.valueDimension(), spec.valueDimension());
            maxima[query] = max;
        }
        sums[query] += kernels.expAndSum(scores, at, n, maxima[query]);
    }

    private void maskTree(int n, int row, int at) {
        Rows rows = state.rows();
        int start = rows.start(span);
        for (int i = 0; i < n; i++) {
            int other = start + indexes[i] - treeBase;
            if (other < start) continue;
            int ancestor = row;
            while (ancestor > other) ancestor = rows.parent(ancestor);
            if (ancestor != other) scores[at + i] = Float.NEGATIVE_INFINITY;
        }
    }

    private void finish(SequenceHooks hooks) {
        int group = spec.group();
        int dimension = spec.valueDimension();
        float[] out = state.values(Buffer.ATTENDED);
        int width = state.width(Buffer.ATTENDED);
        for (int i = 0; i < (toRow - fromRow) * group; i++) {
            int row = fromRow + i / group;
            int head = kvHead * group + i % group;
            int to = row * width + head * dimension;
            if (sums[i] == 0f || !hooks.headEnabled(spec.layer(), head)) {
                Arrays.fill(out, to, to + dimension, 0f);
            } else {
                System.arraycopy(accumulated, i * dimension, out, to, dimension);
                kernels.scale(1f / sums[i], out, to, dimension);
            }
            if (!probing) continue;
            int from = i * entries.size();
            kernels.expAndSum(probed, from, entries.size(), maxima[i]);
            if (sums[i] > 0f) kernels.scale(1f / sums[i], probed, from, entries.size());
            hooks.probabilities(spec.layer(), head, state.rows().position(row), entries, probed, from);
        }
    }
}
