package dev.laconic.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/**
 * A decoder's script for one sequence length and what it needs besides weights and tokens.
 */
record Constants(Script script, NDArray cos, NDArray sin, NDArray mask) {

    static Constants of(NDManager manager, DecoderShape shape, int length, int positions, boolean causal, String source) {
        Shape table = new Shape(positions, shape.headSize() / 2);
        return new Constants(
                Torch.compile(source),
                manager.create(DecoderSource.rotation(shape, positions, true), table),
                manager.create(DecoderSource.rotation(shape, positions, false), table),
                manager.create(DecoderSource.mask(length, causal), new Shape(length, length)));
    }

    /**
     * Runs the script on sequences.
     *
     * @param scale what weights are multiplied by
     */
    NDArray call(NDManager manager, NDArray weights, Sequence[] batch, float scale) {
        int length = batch[0].length();
        long[] ids = new long[batch.length * length];
        long[] rows = new long[ids.length];
        long[] positions = new long[ids.length];
        long[] targets = new long[ids.length];
        float[] counts = new float[ids.length];
        int counted = 0;
        for (int b = 0; b < batch.length; b++)
            for (int t = 0; t < length; t++) {
                ids[b * length + t] = batch[b].id(t);
                positions[b * length + t] = batch[b].position(t);
                if (batch[b].weight(t + 1) == 0) continue;
                rows[counted] = b * length + t;
                targets[counted] = batch[b].id(t + 1);
                counts[counted++] = batch[b].weight(t + 1) * scale;
            }
        NDArray result = script.call(
                        weights,
                        manager.create(ids, new Shape(batch.length, length)),
                        manager.create(java.util.Arrays.copyOf(rows, counted)),
                        manager.create(positions),
                        manager.create(java.util.Arrays.copyOf(targets, counted)),
                        manager.create(java.util.Arrays.copyOf(counts, counted)),
                        cos,
                        sin,
                        mask)
                .head();
        result.attach(manager);
        return result;
    }
}
