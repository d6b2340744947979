package dev.laconic.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.HashMap;
import java.util.Map;

/** A trained decoder's forward pass in PyTorch, in float32, for tests and for comparison with other engines. */
public final class Evaluator implements AutoCloseable {
    private final DecoderShape shape;
    private final NDManager manager = Torch.newManager();
    private final NDArray weights;
    private final Map<Integer, Constants> predictions = new HashMap<>();

    public Evaluator(DecoderShape shape, float[] weights) {
        this.shape = shape;
        this.weights = manager.create(weights);
        Torch.prepareThread(false);
    }

    /** The logits of every position, row-major. */
    public float[] logits(int... ids) {
        try (NDManager inner = manager.newSubManager();
                Script script = Torch.compile(DecoderSource.logits(shape, ids.length, true))) {
            Shape table = new Shape(ids.length, shape.headSize() / 2);
            NDArray rows = inner.arange(0, ids.length).toType(ai.djl.ndarray.types.DataType.INT64, false);
            NDArray logits = script.call(
                            weights,
                            inner.create(ids).toType(ai.djl.ndarray.types.DataType.INT64, false).reshape(1, ids.length),
                            rows,
                            rows,
                            rows,
                            inner.zeros(new Shape(ids.length)),
                            inner.create(DecoderSource.rotation(shape, ids.length, true), table),
                            inner.create(DecoderSource.rotation(shape, ids.length, false), table),
                            inner.create(DecoderSource.mask(ids.length, true), new Shape(ids.length, ids.length)))
                    .head();
            logits.attach(inner);
            return logits.toFloatArray();
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
        Constants constants = predictions.computeIfAbsent(
                sequence.length(),
                l -> Constants.of(manager, shape, l, l, true, DecoderSource.predictions(shape, l, true)));
        try (NDManager inner = manager.newSubManager()) {
            float[] result = constants.call(inner, weights, new Sequence[] {sequence}, 1).toFloatArray();
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

    @Override
    public void close() {
        predictions.values().forEach(constants -> constants.script().close());
        manager.close();
    }
}
