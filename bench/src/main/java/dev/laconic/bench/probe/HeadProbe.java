package dev.laconic.bench.probe;

import dev.laconic.bench.workload.Split;
import dev.laconic.bench.workload.Task;
import dev.laconic.bench.workload.Workload;
import dev.laconic.core.error.UsageException;
import dev.laconic.model.Model;
import dev.laconic.model.Rows;
import dev.laconic.model.Sequence;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.kv.HeadCache;
import dev.laconic.tokenize.EncodeOptions;
import dev.laconic.tokenize.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/** Finds the heads that repeat what came before and the heads that fetch an answer from a context. */
public final class HeadProbe {
    private static final int NOWHERE = -1;

    private final Model model;
    private final Tokenizer tokenizer;
    private final Function<String, int[]> chat;
    private final int heads;

    /** @param chat tokens of a conversation in which the user has said this and the model is to reply */
    public HeadProbe(Model model, Tokenizer tokenizer, Function<String, int[]> chat) {
        this.model = model;
        this.tokenizer = tokenizer;
        this.chat = chat;
        heads = model.parameters().heads(0);
        for (int layer = 0; layer < model.layers(); layer++)
            if (model.parameters().heads(layer) != heads)
                throw new UsageException("layers with different numbers of heads are not probed");
    }

    /**
     * Scores of all heads, layer by layer.
     *
     * @param workload whose answers stand word for word in the context
     * @param length tokens of its prompts
     * @param count sequences and tasks to look at
     */
    public List<HeadScore> run(Workload workload, int length, int count) {
        DoubleAdder[] induction = adders();
        DoubleAdder[] retrieval = adders();
        long copied = 0;
        for (int i = 0; i < count; i++) {
            int[] repeated = repeated(Split.TEST.random("induction", i), Math.min(length, 256));
            watch(repeated, earlier(repeated), false, induction);
            Task task = workload.generate(
                    Split.TEST.random(workload.id(), i), length, text -> tokenizer.count(text, EncodeOptions.PLAIN));
            int[] prompt = chat.apply(task.prompt());
            int[] answer = tokenizer.ids(" " + task.question().answer(), EncodeOptions.PLAIN);
            int[] source = source(prompt, answer);
            copied += Arrays.stream(source).filter(position -> position != NOWHERE).count();
            watch(joined(prompt, answer), source, true, retrieval);
        }
        double repeats = (double) count * (Math.min(length, 256) / 2 - 1);
        List<HeadScore> scores = new ArrayList<>();
        for (int layer = 0; layer < model.layers(); layer++)
            for (int head = 0; head < heads; head++) {
                int at = layer * heads + head;
                scores.add(new HeadScore(
                        layer, head, induction[at].sum() / repeats, retrieval[at].sum() / Math.max(1, copied)));
            }
        return scores;
    }

    private DoubleAdder[] adders() {
        DoubleAdder[] adders = new DoubleAdder[model.layers() * heads];
        Arrays.setAll(adders, i -> new DoubleAdder());
        return adders;
    }

    /** Random tokens, then the same ones again. */
    private int[] repeated(RandomGenerator random, int length) {
        int[] ids = new int[length / 2 * 2];
        for (int i = 0; i < length / 2; i++) {
            do ids[i] = random.nextInt(tokenizer.vocabularySize());
            while (tokenizer.isControl(ids[i]));
            ids[length / 2 + i] = ids[i];
        }
        return ids;
    }

    /** For each row of the second half the position behind its token's first occurrence. */
    private static int[] earlier(int[] ids) {
        int[] positions = new int[ids.length];
        Arrays.fill(positions, NOWHERE);
        for (int i = ids.length / 2; i < ids.length - 1; i++) positions[i] = i - ids.length / 2 + 1;
        return positions;
    }

    /** For the row that is about to say each token of the answer: where that token stands in the prompt. */
    private static int[] source(int[] prompt, int[] answer) {
        int[] positions = new int[prompt.length + answer.length];
        Arrays.fill(positions, NOWHERE);
        for (int from = prompt.length - answer.length; from >= 0; from--) {
            if (Arrays.mismatch(prompt, from, from + answer.length, answer, 0, answer.length) >= 0) continue;
            for (int i = 0; i < answer.length; i++) positions[prompt.length - 1 + i] = from + i;
            break;
        }
        return positions;
    }

    private static int[] joined(int[] prompt, int[] answer) {
        int[] ids = Arrays.copyOf(prompt, prompt.length + answer.length);
        System.arraycopy(answer, 0, ids, prompt.length, answer.length);
        return ids;
    }

    /** Adds for each head the attention of rows to their positions, or the number of rows that attend most to them. */
    private void watch(int[] ids, int[] positions, boolean most, DoubleAdder[] sums) {
        try (Sequence sequence = model.newSequence()) {
            sequence.hooks(new SequenceHooks() {
                @Override
                public boolean wantsProbabilities(int layer) {
                    return true;
                }

                @Override
                public void probabilities(
                        int layer, int head, int position, HeadCache entries, float[] values, int offset) {
                    if (positions[position] == NOWHERE) return;
                    int entry = entries.find(positions[position]);
                    float value = values[offset + entry];
                    if (!most) {
                        sums[layer * heads + head].add(value);
                        return;
                    }
                    for (int i = 0; i < entries.size(); i++) if (values[offset + i] > value) return;
                    sums[layer * heads + head].add(1);
                }
            });
            model.advance(model.embed(new Rows().append(sequence, ids, 0, ids.length, false)));
        }
    }
}
