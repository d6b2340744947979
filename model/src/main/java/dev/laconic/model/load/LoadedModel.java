package dev.laconic.model.load;

import dev.laconic.kernels.Kernels;
import dev.laconic.model.Model;
import dev.laconic.model.chat.ChatPrompt;
import dev.laconic.model.chat.ChatTemplate;
import dev.laconic.model.chat.ChatTemplates;
import dev.laconic.tokenize.Tokenizer;
import java.util.Optional;
import java.util.function.Supplier;

/** A model with its tokenizer, and the threads that compute it. */
public final class LoadedModel implements AutoCloseable {
    private final Model model;
    private final Supplier<Tokenizer> source;
    private final Kernels kernels;
    private Optional<Tokenizer> tokenizer = Optional.empty();

    LoadedModel(Model model, Supplier<Tokenizer> source, Kernels kernels) {
        this.model = model;
        this.source = source;
        this.kernels = kernels;
    }

    public Model model() {
        return model;
    }

    /**
     * The tokenizer, which is read while the model is opened: who brings token ids need not wait for it.
     *
     * @throws dev.laconic.core.error.LaconicException if the model has none that is known here
     */
    public synchronized Tokenizer tokenizer() {
        if (tokenizer.isEmpty()) tokenizer = Optional.of(source.get());
        return tokenizer.get();
    }

    /** The template that the model was taught conversations in, if it brings one. */
    public Optional<ChatTemplate> chatTemplate() {
        return ChatTemplates.of(model.file().metadata()).choose(model.file().path().toString(), false);
    }

    /** Turns messages into tokens by the model's template, or as a plain dialogue where it has none. */
    public ChatPrompt chatPrompt() {
        return new ChatPrompt(chatTemplate().orElseGet(ChatTemplate::plain), tokenizer());
    }

    public Kernels kernels() {
        return kernels;
    }

    @Override
    public void close() {
        model.close();
        kernels.close();
    }
}
