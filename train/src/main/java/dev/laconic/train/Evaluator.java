package dev.laconic.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.HashMap;
import java.util.Map;

/** A trained decoder's forward pass in PyTorch, in float32, for tests and for comparison with other engines. */
public final class Evaluator implements AutoCloseable {
    private final DecoderShape shape;
    private final boolean causal;
    private final int mask;
    private final NDManager manager = Torch.newManager();
    private final NDArray weights;
    private final Map<Integer, Pass> predictions = new HashMap<>();

    public Evaluator(DecoderShape shape, float[] weights) {
        this(shape, weights, true, 0);
    }

    /**
     * @param causal whether a row sees only what stands before it
     * @param mask the token that stands for hidden ones
     */
    Evaluator(DecoderShape shape, float[] weights, boolean causal, int mask) {
        this.shape = shape;
        this.causal = causal;
        this.mask = mask;
        this.weights = manager.create(weights);
        Torch.prepareThread(false);
    }

    /** The logits of every position, row-major. */
    public float[] logits(int... ids) {
        Sequence sequence = new Sequence(ids.length, 0);
        for (int id : ids) sequence.add(id, 1);
        sequence.add(0, 1);
        try (NDManager inner = manager.newSubManager();
                Pass pass = pass(ids.length, DecoderSource.logits(shape, ids.length, causal, false))) {
            return pass.call(inner, weights, batch(inner, sequence)).toFloatArray();
        }
    }

    /** For each counted token of a sequence, whether it is the likeliest one, and the sum of their cross entropies. */
    record Result(boolean[] likeliest, double nats) {
        boolean all() {
            for (boolean each : likeliest) if (!each) return false;
            return true;
        }
    }

    Result predict(Sequence sequence) {
        Pass pass = predictions.computeIfAbsent(
                sequence.length(), l -> pass(l, DecoderSource.predictions(shape, l, causal)));
        try (NDManager inner = manager.newSubManager()) {
            float[] result = pass.call(inner, weights, batch(inner, sequence)).toFloatArray();
            int count = result.length / 2;
            boolean[] likeliest = new boolean[count];
            double nats = 0;
            int at = 0;
            for (int t = 1; t <= sequence.length(); t++) {
                if (sequence.weight(t) == 0) continue;
                likeliest[at] = (int) result[at] == sequence.id(t);
                nats += result[count + at++];
            }
            return new Result(likeliest, nats);
        }
    }

    private Pass pass(int length, String source) {
        return Pass.of(manager, shape, length, length, causal, source);
    }

    private Pass.Batch batch(NDManager inner, Sequence sequence) {
        return Pass.Batch.of(inner, new Sequence[] {sequence}, 1, mask);
    }

    @Override
    public void close() {
        predictions.values().forEach(Pass::close);
        manager.close();
    }
}
