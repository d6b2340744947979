package dev.laconic.bench.task;

import dev.laconic.bench.workload.Question;
import dev.laconic.bench.workload.Score;
import dev.laconic.bench.workload.Split;
import dev.laconic.bench.workload.Task;
import dev.laconic.bench.workload.Workload;
import dev.laconic.model.Model;
import dev.laconic.model.generate.Denoiser;
import dev.laconic.model.generate.GenerationListener;
import dev.laconic.model.generate.GenerationOptions;
import dev.laconic.model.generate.Session;
import dev.laconic.model.sample.SamplerOptions;
import dev.laconic.tokenize.EncodeOptions;
import dev.laconic.tokenize.Tokenizer;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** Has a model do tasks of the test split, greedily, and grades its replies by exact match. */
public final class TaskBench {
    private final Model model;
    private final Tokenizer tokenizer;
    private final Function<String, int[]> chat;
    private final int block;

    /**
     * @param chat tokens of a conversation in which the user has said this and the model is to reply
     * @param block length of the blocks that a masked diffusion model fills
     */
    public TaskBench(Model model, Tokenizer tokenizer, Function<String, int[]> chat, int block) {
        this.model = model;
        this.tokenizer = tokenizer;
        this.chat = chat;
        this.block = block;
    }

    /**
     * Tests 0 to {@code count - 1} of a workload.
     *
     * @param length tokens of prompt and reply together
     * @param cancelled ends the run with the tasks done so far
     */
    public TaskResult run(Workload workload, int length, int count, BooleanSupplier cancelled) {
        Score score = new Score(0, 0);
        WordErrors errors = WordErrors.NONE;
        SortedMap<String, Score> facets = new TreeMap<>();
        int overhead = chat.apply("").length + Question.MARGIN;
        for (int i = 0; i < count && !cancelled.getAsBoolean(); i++) {
            Task task = workload.generate(
                    Split.TEST.random(workload.id(), i),
                    length - overhead,
                    this::tokens);
            Question question = task.question();
            String reply = reply(task);
            boolean right = question.accepts(reply);
            errors = errors.plus(WordErrors.between(question.answer(), reply));
            score = score.plus(right);
            question.facets()
                    .forEach((name, value) -> facets.merge(
                            name + "=" + value,
                            new Score(0, 0).plus(right),
                            (known, one) -> new Score(known.correct() + one.correct(), known.total() + 1)));
        }
        return new TaskResult(workload.id(), length, score, errors.rate(), facets);
    }

    private String reply(Task task) {
        if (Denoiser.predicts(model))
            return new Denoiser(model, tokenizer, block)
                    .reply(chat.apply(task.prompt()), blocks(tokens(" " + task.question().answer()) + 1))
                    .text();
        try (Session session = new Session(model, tokenizer)) {
            return session.generate(
                            chat.apply(task.prompt()),
                            new GenerationOptions(task.question().mostTokens(this::tokens), SamplerOptions.greedy()),
                            GenerationListener.SILENT)
                    .text();
        }
    }

    private int tokens(String text) {
        return tokenizer.count(text, EncodeOptions.PLAIN);
    }

    /** A masked diffusion model is given whole blocks, so that a reply's length is not given away. */
    private static int blocks(int tokens) {
        return (tokens + Denoiser.BLOCK - 1) / Denoiser.BLOCK * Denoiser.BLOCK;
    }
}
