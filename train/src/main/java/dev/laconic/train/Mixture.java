package dev.laconic.train;

import dev.laconic.bench.workload.Prose;
import dev.laconic.bench.workload.Question;
import dev.laconic.bench.workload.Split;
import dev.laconic.bench.workload.Task;
import dev.laconic.bench.workload.Workload;
import dev.laconic.bench.workload.Workloads;
import dev.laconic.core.error.UsageException;
import dev.laconic.tokenize.train.ByteLevelBpe;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a model learns from: windows of prose, as it is or as tokenised corpora spell it, and conversations about tasks in
 * which every question is asked that fits.
 * A sequence depends on the seed and its number alone.
 */
final class Mixture {
    static final String PROSE = "prose";
    static final String SPACED = "spaced-prose";

    /** Copies of any length: where all are as long as a sequence allows, a fixed distance is all there is to learn. */
    private static final String COPIES = "copies";

    private static final float CONTEXT_WEIGHT = 0.5f;
    private static final int CONTEXT_COUNTED = 5;
    private static final int SHORTEST_TASK = 48;

    private final ByteLevelBpe vocabulary;
    private final ChatFormat format;
    private final List<int[]> texts;
    private final List<int[]> spaced;
    private final Map<String, Workload> workloads;
    /** Those of them that have any length, as {@link #COPIES} do. */
    private final Set<String> drills;

    private final long seed;

    /** A space that a digit follows: no other word is spelt with a space of its own. */
    private final int space;

    Mixture(ByteLevelBpe vocabulary, Prose prose, long seed) {
        this.vocabulary = vocabulary;
        this.seed = seed;
        space = vocabulary.encode(" 1")[0];
        format = new ChatFormat(vocabulary);
        texts = prose.unwrapped().parallelStream().map(vocabulary::encode).toList();
        spaced = Spaced.of(prose.unwrapped()).parallelStream().map(vocabulary::encode).toList();
        List<Workload> practised = Workloads.drills(prose);
        drills = practised.stream().map(Workload::id).collect(Collectors.toSet());
        workloads = Stream.concat(Workloads.over(prose).stream(), practised.stream())
                .collect(Collectors.toMap(Workload::id, Function.identity()));
    }

    /**
     * Sequence {@code number} of a run, of {@code length} predictions.
     */
    Sequence sequence(long number, int length, Recipe.Stage stage) {
        Map<String, Double> mix = stage.mix();
        RandomGenerator random = Split.TRAIN.random("mixture-" + seed, number);
        Sequence sequence = new Sequence(length, format.pad);
        int failures = 0;
        while (sequence.room() >= SHORTEST_TASK && failures < 4) {
            String kind = pick(random, mix);
            if (kind.equals(PROSE) || kind.equals(SPACED)) {
                if (sequence.size() > 0 && sequence.room() < length / 4) failures++;
                else addProse(sequence, random, kind.equals(PROSE) ? texts : spaced);
            } else if (!addTask(sequence, random, kind, stage)) failures++;
        }
        if (stage.reach() > length && random.nextInt(4) > 0) sequence.stretch(random, stage.reach());
        return sequence;
    }

    private static String pick(RandomGenerator random, Map<String, Double> mix) {
        double at = random.nextDouble() * mix.values().stream().mapToDouble(d -> d).sum();
        String last = "";
        for (var entry : mix.entrySet()) {
            last = entry.getKey();
            at -= entry.getValue();
            if (at < 0) break;
        }
        return last;
    }

    private void addProse(Sequence sequence, RandomGenerator random, List<int[]> from) {
        long total = from.stream().mapToLong(text -> text.length).sum();
        long at = random.nextLong(total);
        int index = 0;
        while (at >= from.get(index).length) at -= from.get(index++).length;
        int[] text = from.get(index);
        sequence.add(format.begin, 0);
        int first = (int) Math.min(at, Math.max(0, text.length - sequence.room()));
        for (int i = first; i < text.length && sequence.room() > 0; i++) sequence.add(text[i], 1);
    }

    private boolean addTask(Sequence sequence, RandomGenerator random, String kind, Recipe.Stage stage) {
        boolean anyLength = kind.equals(COPIES) || drills.contains(kind);
        Workload workload = workloads.get(kind.equals(COPIES) ? "copy" : kind);
        if (workload == null)
            throw new UsageException("the mix names " + kind + ", known are " + PROSE + ", " + SPACED + ", " + COPIES
                    + " and " + workloads.keySet());
        int room = sequence.room();
        boolean whole =
                kind.equals("copy") || kind.equals("needle") || drills.contains(kind) && random.nextBoolean();
        double share = random.nextDouble();
        if (whole) share = 1 - share * 0.1;
        else if (!anyLength) share = 0.5 + share * 0.4;
        int tokens = (int) (room * share) - 20;
        Task task = workload.generate(random, tokens, text -> vocabulary.encode(text).length);
        int start = sequence.size();
        String separator = random.nextInt(4) > 0 ? "\n\n" : random.nextBoolean() ? "\n\nQuestion: " : "\n";
        boolean begin = start > 0 || random.nextInt(10) > 0;
        String prefix = task.context() + separator;
        for (Question question : task.questions()) {
            int[] asked = vocabulary.encode(prefix + question.text());
            int[] answer = vocabulary.encode(" " + question.answer());
            if (asked.length + answer.length + 5 > sequence.room()) break;
            if (sequence.size() == start && begin) sequence.add(format.begin, 0);
            sequence.add(format.user, 0);
            for (int id : asked) sequence.add(id, random.nextInt(CONTEXT_COUNTED) == 0 ? CONTEXT_WEIGHT : 0);
            sequence.add(format.end, 0);
            sequence.add(format.assistant, 0);
            int found = found(question, answer);
            for (int i = 0; i < answer.length; i++)
                sequence.add(
                        answer[i],
                        i == found ? stage.result() : i > 0 && answer[i - 1] == space ? stage.firstDigit() : 1);
            sequence.add(format.end, 1);
            prefix = "";
        }
        return sequence.size() > start;
    }

    /** The token of a reply that begins its result, where words before it say the question again; -1 if none do. */
    private int found(Question question, int[] answer) {
        if (question.answer().equals(question.result())) return -1;
        int at = answer.length - vocabulary.encode(" " + question.result()).length;
        return at >= 0 && answer[at] == space ? at + 1 : at;
    }

    /** A test's sequence: the prompt as the chat template writes it, and the answer, which alone counts. */
    Sequence test(Task task, int length) {
        Sequence sequence = new Sequence(length, format.pad);
        sequence.add(format.begin, 0);
        sequence.add(format.user, 0);
        for (int id : vocabulary.encode(task.prompt())) sequence.add(id, 0);
        sequence.add(format.end, 0);
        sequence.add(format.assistant, 0);
        for (int id : vocabulary.encode(" " + task.question().answer())) sequence.add(id, 1);
        sequence.add(format.end, 1);
        return sequence;
    }
}
