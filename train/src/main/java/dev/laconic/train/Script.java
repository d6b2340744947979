package dev.laconic.train;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;

/** A compiled script; any thread may call it. */
final class Script implements AutoCloseable {
    private final Model model;
    private final Block block;

    Script(Model model) {
        this.model = model;
        block = model.getBlock();
    }

    /** Runs the script; the results belong to the first argument's manager. */
    NDList call(NDArray... arguments) {
        return block.forward(
                new ParameterStore(arguments[0].getManager(), false), new NDList(arguments), true);
    }

    @Override
    public void close() {
        model.close();
    }
}
