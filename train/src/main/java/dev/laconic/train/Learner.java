package dev.laconic.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;

/** What a run trains: parameters in one flat vector, and their loss on the data of a step. */
interface Learner extends AutoCloseable {

    /** Parameters to begin with. */
    float[] initial();

    /** 1 for each parameter that weight decay applies to, else 0. */
    float[] decayed();

    /** A part of a step's loss. Called by any thread. */
    @FunctionalInterface
    interface Loss {
        /** Nats, as a scalar of {@code manager}, differentiable by {@code parameters}. */
        NDArray of(NDManager manager, NDArray parameters);
    }

    /** Runs tasks side by side and gives their results in order. */
    interface Workers {
        <T> List<T> all(List<Callable<T>> tasks);
    }

    /**
     * The parts that make the loss of a step, always the same ones for the same step.
     *
     * @param step steps done before
     */
    List<Loss> losses(Recipe.Stage stage, int length, int step, Workers workers);

    /** Writes the model as {@code NAME.gguf}, and as Hugging Face's files where there is such a form. */
    void export(float[] parameters, Path folder);

    @Override
    void close();
}
