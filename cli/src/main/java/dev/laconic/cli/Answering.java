package dev.laconic.cli;

import dev.laconic.model.generate.Answer;
import dev.laconic.model.generate.FinishReason;
import dev.laconic.model.generate.GenerationListener;
import dev.laconic.model.generate.GenerationOptions;
import dev.laconic.model.generate.Prompt;
import dev.laconic.model.generate.Session;
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
            if (json) command.json(toMap(answer, tokenizer));
            else {
                if (Terminal.STDOUT.present()) out.println();
                out.flush();
                answer.receipt().lines().forEach(command.err()::println);
            }
            return answer.finish() == FinishReason.CANCELLED ? INTERRUPTED : 0;
        }
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
