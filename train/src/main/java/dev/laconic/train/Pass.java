package dev.laconic.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/** A decoder's script for one sequence length, with all that it needs besides weights and tokens. */
record Pass(Script script, NDArray cos, NDArray sin, NDArray mask) implements AutoCloseable {

    /**
     * @param length of sequences
     * @param positions how many there are, at least {@code length}
     * @param source TorchScript made by {@link DecoderSource}
     */
    static Pass of(NDManager manager, DecoderShape shape, int length, int positions, boolean causal, String source) {
        Shape table = new Shape(positions, shape.headSize() / 2);
        return new Pass(
                Torch.compile(source),
                manager.create(DecoderSource.rotation(shape, positions, true), table),
                manager.create(DecoderSource.rotation(shape, positions, false), table),
                manager.create(DecoderSource.mask(length, causal), new Shape(length, length)));
    }

    /** A batch as the script takes it: token ids, rows that count, positions, tokens to predict, what each counts. */
    record Batch(NDArray ids, NDArray rows, NDArray positions, NDArray targets, NDArray weights) {

        /**
         * @param scale what weights are multiplied by
         * @param mask the token that stands for hidden ones
         */
        static Batch of(NDManager manager, Sequence[] sequences, float scale, int mask) {
            int length = sequences[0].length();
            long[] ids = new long[sequences.length * length];
            long[] rows = new long[ids.length];
            long[] positions = new long[ids.length];
            long[] targets = new long[ids.length];
            float[] counts = new float[ids.length];
            int counted = 0;
            for (int b = 0; b < sequences.length; b++)
                for (int t = 0; t < length; t++) {
                    Sequence sequence = sequences[b];
                    ids[b * length + t] = sequence.isHidden(t) ? mask : sequence.id(t);
                    positions[b * length + t] = sequence.position(t);
                    if (sequence.weight(t + 1) == 0) continue;
                    rows[counted] = b * length + t;
                    targets[counted] = sequence.id(t + 1);
                    counts[counted++] = sequence.weight(t + 1) * scale;
                }
            return new Batch(
                    manager.create(ids, new Shape(sequences.length, length)),
                    manager.create(Arrays.copyOf(rows, counted)),
                    manager.create(positions),
                    manager.create(Arrays.copyOf(targets, counted)),
                    manager.create(Arrays.copyOf(counts, counted)));
        }
    }

    /** Runs the script; the result belongs to {@code manager}. */
    NDArray call(NDManager manager, NDArray flat, Batch batch, NDArray targets) {
        NDArray result = script.call(
                        flat, batch.ids, batch.rows, batch.positions, targets, batch.weights, cos, sin, mask)
                .head();
        result.attach(manager);
        return result;
    }

    NDArray call(NDManager manager, NDArray flat, Batch batch) {
        return call(manager, flat, batch, batch.targets);
    }

    @Override
    public void close() {
        script.close();
    }
}
