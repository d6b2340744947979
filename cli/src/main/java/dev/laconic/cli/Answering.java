package dev.laconic.cli;

import dev.laconic.cache.CacheStage;
import dev.laconic.core.error.UsageException;
import dev.laconic.model.generate.Answer;
import dev.laconic.model.generate.Denoiser;
import dev.laconic.model.generate.FinishReason;
import dev.laconic.model.generate.GenerationListener;
import dev.laconic.model.generate.GenerationOptions;
import dev.laconic.model.generate.Prompt;
import dev.laconic.model.generate.Session;
import dev.laconic.model.load.LoadedModel;
import dev.laconic.tokenize.Tokenizer;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Runs a generation for a command: streams text to stdout, or prints one JSON object at the end. */
final class Answering {
    /** Prompts shorter than this need no progress bar. */
    private static final int LONG_PROMPT = 1024;

    /** Exit code of a program that Ctrl-C ended. */
    private static final int INTERRUPTED = 130;

    private Answering() {}

    /** Generates, prints, and returns the exit code. */
    static int run(
            ProgramCommand command, Session session, Tokenizer tokenizer, Prompt prompt, GenerationOptions options,
            boolean json) {
        PrintWriter out = command.out();
        try (Interrupt interrupt = new Interrupt();
                Progress progress = new Progress("prompt")) {
            Answer answer = session.generate(prompt, options, new GenerationListener() {
                @Override
                public void prefilled(int done, int total) {
                    if (total >= LONG_PROMPT) progress.update(done, total);
                }

                @Override
                public void text(String piece) {
                    if (json) return;
                    out.print(piece);
                    out.flush();
                }

                @Override
                public boolean cancelled() {
                    return interrupt.requested();
                }
            });
            finish(command, answer, tokenizer, json);
            return answer.finish() == FinishReason.CANCELLED ? INTERRUPTED : 0;
        }
    }

    /**
     * Has a masked diffusion model fill a reply with the likeliest tokens, prints, and returns the exit code.
     *
     * @throws UsageException if keys and values are to be kept, or the prompt is empty or leaves no room for a reply
     */
    static int fill(
            ProgramCommand command, LoadedModel loaded, CacheStage stage, StoreOptions store, int[] prompt, int maxTokens,
            boolean json) {
        String architecture = loaded.model().parameters().architecture();
        if (!stage.isEmpty() || store.folder.isPresent())
            throw new UsageException(
                    "--cache, --store: " + architecture + ", a masked diffusion model, keeps no keys and values");
        if (prompt.length == 0)
            throw new UsageException("the prompt has no tokens: " + architecture + ", a masked diffusion model, needs some");
        int context = loaded.model().parameters().context();
        if (prompt.length >= context)
            throw new UsageException("the prompt has " + prompt.length + " tokens, the model's context holds " + context
                    + " with the reply: shorten the prompt or take a model with a longer context");
        command.err().println("laconic: " + architecture + ", a masked diffusion model, is filled with the likeliest tokens;"
                + " temperature, stop texts and the like do not count");
        Answer answer = new Denoiser(loaded.model(), loaded.tokenizer(), Denoiser.BLOCK)
                .reply(prompt, Math.min(maxTokens, context - prompt.length));
        if (!json) command.out().print(answer.text());
        finish(command, answer, loaded.tokenizer(), json);
        return 0;
    }

    private static void finish(ProgramCommand command, Answer answer, Tokenizer tokenizer, boolean json) {
        if (json) {
            command.json(toMap(answer, tokenizer));
            return;
        }
        if (Terminal.STDOUT.present()) command.out().println();
        command.out().flush();
        answer.receipt().lines().forEach(command.err()::println);
    }

    private static Map<String, Object> toMap(Answer answer, Tokenizer tokenizer) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("text", answer.text());
        map.put("ids", answer.ids());
        map.put("finish", answer.finish().name().toLowerCase(Locale.ROOT));
        if (!answer.logprobs().isEmpty()) {
            List<Object> tokens = new ArrayList<>();
            for (Answer.TokenLogprobs token : answer.logprobs())
                tokens.add(Map.of(
                        "id", token.id(),
                        "token", tokenizer.token(token.id()),
                        "logprob", token.logprob(),
                        "top", token.top().stream()
                                .map(other -> Map.of("id", other.id(), "token", tokenizer.token(other.id()),
                                        "logprob", other.logprob()))
                                .toList()));
            map.put("logprobs", tokens);
        }
        map.put("receipt", answer.receipt().toMap());
        return map;
    }
}
