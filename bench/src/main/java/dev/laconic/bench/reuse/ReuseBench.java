package dev.laconic.bench.reuse;

import dev.laconic.bench.workload.Prose;
import dev.laconic.bench.workload.Question;
import dev.laconic.bench.workload.Score;
import dev.laconic.bench.workload.Split;
import dev.laconic.bench.workload.Task;
import dev.laconic.bench.workload.Workload;
import dev.laconic.core.Receipt;
import dev.laconic.model.Model;
import dev.laconic.model.Sequence;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.chat.ChatPrompt;
import dev.laconic.model.chat.Passages;
import dev.laconic.model.generate.Answer;
import dev.laconic.model.generate.GenerationListener;
import dev.laconic.model.generate.GenerationOptions;
import dev.laconic.model.generate.Prompt;
import dev.laconic.model.generate.PromptCache;
import dev.laconic.model.generate.Session;
import dev.laconic.model.sample.SamplerOptions;
import dev.laconic.tokenize.EncodeOptions;
import dev.laconic.tokenize.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BooleanSupplier;

/** Asks a model about passages in random order, in several ways to come by their keys and values. */
public final class ReuseBench {
    private static final int OVERLAP = 64;
    /** Turns that come before that in any case, and the share of its best time by which a way must get faster for another. */
    private static final int FIRST_TURNS = 3;

    private static final double WORTH_ANOTHER = 0.03;

    /** Time needs no trained length: a prompt may be longer than the model's context. */
    private static final SequenceHooks ENDLESS = new SequenceHooks() {
        @Override
        public boolean endless() {
            return true;
        }
    };

    private final Model model;
    private final Tokenizer tokenizer;
    private final ChatPrompt chat;

    public ReuseBench(Model model, Tokenizer tokenizer, ChatPrompt chat) {
        this.model = model;
        this.tokenizer = tokenizer;
        this.chat = chat;
    }

    /**
     * A way to come by keys and values.
     *
     * @param name as results have it
     * @param store where they are from: none, memory or disk
     */
    public record Way(String name, String store, PromptCache cache) {}

    /** How long the first token took, in the median of all runs. */
    public record Time(Way way, int tokens, int runs, double millis, double ratio, Receipt receipt) {
        /** As JSON has it. */
        public Map<String, Object> toMap() {
            Map<String, Object> map = start("time", way);
            map.put("tokens", tokens);
            map.put("runs", runs);
            map.put("ttftMs", millis);
            map.put("ttftRatio", ratio);
            map.put("tokensReused", receipt.tokensReused());
            map.put("rowsComputed", receipt.rowsComputed());
            map.put("rowsFull", receipt.rowsFull());
            return map;
        }
    }

    /** How many answers were right. */
    public record Accuracy(Way way, String task, int length, Score score) {
        /** As JSON has it. */
        public Map<String, Object> toMap() {
            Map<String, Object> map = start("accuracy", way);
            map.put("task", task);
            map.put("length", length);
            map.put("accuracy", score.accuracy());
            map.put("n", score.total());
            map.put("low", score.low());
            map.put("high", score.high());
            return map;
        }
    }

    private static Map<String, Object> start(String measure, Way way) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("measure", measure);
        map.put("technique", way.name);
        map.put("store", way.store);
        return map;
    }

    /**
     * Times the first token after so many passages of prose and a question, more than the model's context if they are, each run
     * in an order of its own. Before that the stores are filled, and the ways take turns that do not count until one in which none
     * got faster: Java has compiled then what they run. The first way is what the others are compared with.
     *
     * @param warmUp turns that do not count at most
     */
    public List<Time> times(
            List<Way> ways, int passages, int tokens, int warmUp, int runs, BooleanSupplier cancelled) {
        int[] prose = tokenizer.ids(String.join("\n\n", Prose.builtIn().unwrapped()), EncodeOptions.PLAIN);
        List<int[]> frame = chat.pieces(List.of("", "\n\nWho was there?"));
        List<int[]> all = new ArrayList<>();
        for (int i = 0; i < passages; i++) {
            int from = (int) ((long) i * tokens % Math.max(1, prose.length - tokens));
            all.add(Arrays.copyOfRange(prose, from, from + tokens));
        }
        warmUp(ways, all, frame, warmUp, cancelled);
        List<List<Double>> millis = new ArrayList<>();
        List<Receipt> receipts = new ArrayList<>();
        for (Way way : ways) millis.add(new ArrayList<>());
        for (int run = 1; run <= runs; run++) {
            Prompt prompt = shuffled(all, frame, run);
            receipts.clear();
            for (int way = 0; way < ways.size(); way++) {
                if (cancelled.getAsBoolean()) return List.of();
                receipts.add(answer(prompt, ways.get(way), ENDLESS, 1).receipt());
                millis.get(way).add(millis(receipts.getLast()));
            }
        }
        List<Time> times = new ArrayList<>();
        double plain = median(millis.getFirst());
        for (int way = 0; way < ways.size(); way++) {
            double median = median(millis.get(way));
            Receipt receipt = receipts.get(way);
            times.add(new Time(ways.get(way), (int) receipt.tokensIn(), runs, median, plain / median, receipt));
        }
        return times;
    }

    /** Has the ways take turns until one in which none got faster. */
    private void warmUp(List<Way> ways, List<int[]> passages, List<int[]> frame, int most, BooleanSupplier cancelled) {
        double[] best = new double[ways.size()];
        Arrays.fill(best, Double.MAX_VALUE);
        boolean faster = true;
        for (int turn = 0; turn < most && faster; turn++) {
            Prompt prompt = shuffled(passages, frame, -turn);
            faster = turn + 1 < FIRST_TURNS;
            for (int way = 0; way < ways.size(); way++) {
                if (cancelled.getAsBoolean()) return;
                double taken = millis(answer(prompt, ways.get(way), ENDLESS, 1).receipt());
                faster |= taken < best[way] * (1 - WORTH_ANOTHER);
                best[way] = Math.min(best[way], taken);
            }
        }
    }

    /** The passages in an order of their own between the two pieces of a frame. */
    private static Prompt shuffled(List<int[]> passages, List<int[]> frame, int order) {
        List<int[]> pieces = new ArrayList<>(passages);
        Collections.shuffle(pieces, new Random(order));
        pieces.addFirst(frame.getFirst());
        pieces.addLast(frame.getLast());
        return Prompt.of(pieces);
    }

    private static double millis(Receipt receipt) {
        return receipt.timeToFirstToken().orElseThrow().toNanos() / 1e6;
    }

    private static double median(List<Double> values) {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    /**
     * Has tests 0 to {@code count - 1} of a workload answered, their context cut into passages in random order.
     *
     * @param length tokens of prompt and reply together
     */
    public List<Accuracy> accuracies(
            List<Way> ways, Workload workload, int passages, int length, int count, BooleanSupplier cancelled) {
        List<Score> scores = new ArrayList<>(Collections.nCopies(ways.size(), new Score(0, 0)));
        for (int i = 0; i < count && !cancelled.getAsBoolean(); i++) {
            Task task = workload.generate(Split.TEST.random(workload.id(), i), length - Question.MARGIN - OVERLAP, this::tokens);
            Question question = task.question();
            List<String> parts = new ArrayList<>(
                    Passages.of(task.context(), Math.max(1, tokens(task.context()) / passages + Question.MARGIN), this::tokens));
            Collections.shuffle(parts, new Random(i));
            parts.add("\n\n" + question.text());
            Prompt prompt = Prompt.of(chat.pieces(parts));
            for (int way = 0; way < ways.size(); way++) {
                String reply = answer(prompt, ways.get(way), SequenceHooks.NONE, question.mostTokens(this::tokens)).text();
                scores.set(way, scores.get(way).plus(question.accepts(reply)));
            }
        }
        List<Accuracy> accuracies = new ArrayList<>();
        for (int way = 0; way < ways.size(); way++)
            accuracies.add(new Accuracy(ways.get(way), workload.id(), length, scores.get(way)));
        return accuracies;
    }

    private Answer answer(Prompt prompt, Way way, SequenceHooks hooks, int maxTokens) {
        Sequence sequence = model.newSequence();
        sequence.hooks(hooks);
        try (Session session = new Session(model, tokenizer, sequence, way.cache)) {
            return session.generate(
                    prompt, new GenerationOptions(maxTokens, SamplerOptions.greedy()), GenerationListener.SILENT);
        }
    }

    private int tokens(String text) {
        return tokenizer.count(text, EncodeOptions.PLAIN);
    }
}
