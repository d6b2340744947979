package dev.laconic.model.load;

import dev.laconic.kernels.Kernels;
import dev.laconic.model.Model;
import dev.laconic.tokenize.Tokenizer;

/** A model with its tokenizer, and the threads that compute it. */
public record LoadedModel(Model model, Tokenizer tokenizer, Kernels kernels) implements AutoCloseable {

    @Override
    public void close() {
        model.close();
        kernels.close();
    }
}
