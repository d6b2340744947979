package dev.laconic.cache;

import dev.laconic.core.error.UsageException;
import dev.laconic.kernels.Top;
import dev.laconic.model.Model;
import dev.laconic.model.Rows;
import dev.laconic.model.Sequence;
import dev.laconic.model.State;
import dev.laconic.model.block.Attention;
import dev.laconic.model.generate.GenerationOptions;
import dev.laconic.model.generate.Prompt;
import dev.laconic.model.kv.HeadCache;
import java.util.Arrays;

/**
 * The rows of {@link CacheBlend} on their way through the layers of one sequence, a block of them after another, so that scratch
 * does not grow with the prompt; what came out of a layer is kept for all.
 */
final class Blend {
    /** Rows that pass a layer together. */
    static final int BLOCK = GenerationOptions.DEFAULT_PREFILL_CHUNK;
    /** Rows that are compared at a time. */
    private static final int ROWS = 64;
    private static final int MOST_ELEMENTS = Integer.MAX_VALUE - 8;

    private final Model model;
    private final State state;
    private final Sequence sequence;
    private final int[] ids;
    private final Runnable requireWanted;
    private final Rows rows = new Rows();
    private final Top top;
    private final int width;
    /** How many rows are at hand; where they stand, what came out of the last layer, and how far they moved in this one. */
    private int size;

    private final int[] positions;
    private final float[] hidden;
    private final float[] deviations;

    /**
     * Rows of a prompt's tokens {@code from} to {@code to}.
     *
     * @param requireWanted throws if the work is not wanted any more
     * @throws UsageException if what comes out of a layer has more elements than an array
     */
    Blend(Model model, State state, Sequence sequence, Prompt prompt, int from, int to, Runnable requireWanted) {
        this.model = model;
        this.state = state;
        this.sequence = sequence;
        this.requireWanted = requireWanted;
        ids = prompt.ids();
        top = model.kernels().top();
        width = model.architecture().width();
        size = to - from;
        if (size > MOST_ELEMENTS / width)
            throw new UsageException("passages of " + size + " tokens are more than the " + MOST_ELEMENTS / width
                    + " that can be blended for a model of width " + width + ": give fewer, or none of cacheblend");
        positions = new int[size];
        hidden = new float[size * width];
        deviations = new float[size];
        for (int row = 0; row < size; row++) positions[row] = from + row;
    }

    /** Computes all rows; returns how many these are. */
    int firstLayer() {
        for (int at = 0; at < size; at += BLOCK) {
            requireWanted.run();
            model.embed(block(at), state);
            advance(0, at);
        }
        return size;
    }

    /** Corrects all rows' keys and values, and computes the {@code most} rows that moved furthest; returns how many these are. */
    int layer(int layer, int most) {
        if (most < size) {
            correct(layer);
            keep(most);
        }
        for (int at = 0; at < size; at += BLOCK) {
            requireWanted.run();
            resume(layer, at);
            advance(layer, at);
        }
        return size;
    }

    /** Corrects all rows' keys and values, of which nothing else is needed; returns how many rows these are. */
    int lastLayer() {
        correct(model.layers() - 1);
        return size;
    }

    /** The rows of a block of those at hand. */
    private Rows block(int at) {
        rows.clear().span(sequence, model.architecture().mask());
        for (int row = at; row < Math.min(size, at + BLOCK); row++) rows.token(ids[positions[row]], positions[row], false);
        return rows;
    }

    private void resume(int layer, int at) {
        model.resume(block(at), layer, hidden, at * width, state);
    }

    private void advance(int layer, int at) {
        model.advance(state, layer, layer + 1);
        System.arraycopy(state.hidden(), 0, hidden, at * width, state.size() * width);
    }

    /** Puts the keys and values of the rows at hand in the place of the cached ones, and notes how far these were from them. */
    private void correct(int layer) {
        Attention.Spec spec = model.architecture().attentions().get(layer);
        Arrays.fill(deviations, 0, size, 0f);
        for (int at = 0; at < size; at += BLOCK) {
            requireWanted.run();
            resume(layer, at);
            model.keysAndValues(state);
            int first = at;
            state.forRows(
                    (step, keys, values, from, to) -> compare(step, spec, first, from, to),
                    State.Buffer.KEY, State.Buffer.VALUE, state.size());
            for (int head = 0; head < spec.kvHeads(); head++) overwrite(spec, head);
        }
    }

    /** Keeps the rows whose keys and values were furthest from the cached ones. */
    private void keep(int count) {
        top.find(deviations, size, count);
        for (int i = 0; i < count; i++) {
            int row = top.kept()[i];
            positions[i] = positions[row];
            System.arraycopy(hidden, row * width, hidden, i * width, width);
        }
        size = count;
    }

    /** Adds up how far the keys and values of rows {@code from} to {@code to} of a block are from those that are cached. */
    private void compare(State step, Attention.Spec spec, int first, int from, int to) {
        float[] x = new float[ROWS * Math.max(spec.keyDimension(), spec.valueDimension())];
        for (int head = 0; head < spec.kvHeads(); head++) {
            HeadCache entries = sequence.cache().head(spec.layer(), head);
            for (int row = from, run; row < to; row += run) {
                int entry = step.rows().position(row);
                run = run(step, row, Math.min(to, row + ROWS));
                entries.readKeys(entry, entry + run, x, 0);
                addDistances(step, State.Buffer.KEY, first, row, run, head, spec.keyDimension(), x);
                entries.readValues(entry, entry + run, x, 0);
                addDistances(step, State.Buffer.VALUE, first, row, run, head, spec.valueDimension(), x);
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

    private void addDistances(
            State step, State.Buffer buffer, int first, int row, int n, int head, int dimension, float[] x) {
        float[] values = step.values(buffer);
        for (int j = 0; j < n; j++) {
            int from = (row + j) * step.width(buffer) + head * dimension;
            float sum = 0;
            for (int i = 0; i < dimension; i++) {
                float difference = values[from + i] - x[j * dimension + i];
                sum += difference * difference;
            }
            deviations[first + row + j] += sum;
        }
    }

    /** Puts the keys and values of the state's rows in the place of the cached ones. */
    private void overwrite(Attention.Spec spec, int head) {
        HeadCache entries = sequence.cache().head(spec.layer(), head);
        int keyWidth = state.width(State.Buffer.KEY);
        int valueWidth = state.width(State.Buffer.VALUE);
        for (int row = 0, run; row < state.size(); row += run) {
            run = run(state, row, state.size());
            entries.overwrite(
                    state.rows().position(row), run,
                    state.values(State.Buffer.KEY), row * keyWidth + head * spec.keyDimension(), keyWidth,
                    state.values(State.Buffer.VALUE), row * valueWidth + head * spec.valueDimension(), valueWidth);
        }
    }
}
