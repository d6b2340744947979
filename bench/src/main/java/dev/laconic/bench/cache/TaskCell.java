package dev.laconic.bench.cache;

import dev.laconic.bench.workload.Question;
import dev.laconic.bench.workload.Score;
import dev.laconic.model.Sequence;
import dev.laconic.model.State;
import dev.laconic.model.kv.KvFormat;
import dev.laconic.tokenize.StreamingDecoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/**
 * The tasks of one workload and length, asked of all contenders. What they all read alike of a prompt is computed once; its
 * time counts for each.
 */
final class TaskCell {
    private static final int PAGE = KvFormat.DEFAULT_ENTRIES_PER_PAGE;

    private final Subject subject;
    private final List<Contender> contenders;
    private final List<Query> queries;
    private final State state;
    private final BooleanSupplier cancelled;
    private final Map<Contender, Map<Query, Tally>> tallies = new LinkedHashMap<>();

    /** What one contender did in one way of asking. */
    private static final class Tally {
        private Score score = new Score(0, 0);
        private final SortedMap<String, Score> facets = new TreeMap<>();
        private final Spent spent = new Spent();

        void add(Question question, boolean right) {
            score = score.plus(right);
            question.facets().forEach((name, value) -> facets.merge(
                    name + "=" + value, new Score(0, 0).plus(right), (known, one) -> known.plus(right)));
        }

        void describe(Tally full, Map<String, Object> values) {
            spent.describe(full.spent, values);
            values.put("accuracy", Numbers.rounded(score.accuracy()));
            values.put("low", Numbers.rounded(score.low()));
            values.put("high", Numbers.rounded(score.high()));
            values.put("n", score.total());
            Map<String, Object> each = new LinkedHashMap<>();
            facets.forEach((name, of) ->
                    each.put(name, Map.of("accuracy", Numbers.rounded(of.accuracy()), "n", of.total())));
            if (!each.isEmpty()) values.put("facets", each);
        }
    }

    /** A prompt's beginning, read without any technique. */
    private record Beginning(Sequence sequence, double nanosPerToken) {}

    /** @param contenders the first of which keeps everything */
    TaskCell(
            Subject subject, List<Contender> contenders, List<Query> queries, State state, BooleanSupplier cancelled) {
        this.subject = subject;
        this.contenders = contenders;
        this.queries = queries;
        this.state = state;
        this.cancelled = cancelled;
        for (Contender contender : contenders) {
            Map<Query, Tally> ways = new LinkedHashMap<>();
            for (Query query : queries) ways.put(query, new Tally());
            tallies.put(contender, ways);
        }
    }

    /** Whether the full cache has the answer. */
    boolean answers(Asked asked) {
        try (Sequence sequence = subject.model().newSequence()) {
            Reader reader = new Reader(subject.model(), sequence, state, cancelled);
            reader.prompt(asked.ids(), asked.ids().length);
            return asked.question().accepts(reply(asked, reader, sequence));
        }
    }

    /** Asks all contenders. */
    void ask(Asked asked) {
        int shared = (asked.contextEnd() - 1) / PAGE * PAGE;
        try (Sequence sequence = subject.model().newSequence()) {
            Reader reader = new Reader(subject.model(), sequence, state, cancelled);
            long start = System.nanoTime();
            reader.part(asked.ids(), shared, asked.ids().length);
            Beginning beginning = new Beginning(sequence, (System.nanoTime() - start) / Math.max(1.0, shared));
            for (Contender contender : contenders)
                for (Query query : queries)
                    contender.attempt(() -> ask(asked, contender, query, beginning));
        }
    }

    private void ask(Asked asked, Contender contender, Query query, Beginning beginning) {
        int end = query == Query.AWARE ? asked.ids().length : asked.contextEnd();
        int known = Math.min(beginning.sequence.length(), contender.firstRow(end) / PAGE * PAGE);
        try (Sequence sequence = begun(beginning.sequence, known)) {
            contender.attach(sequence);
            Reader reader = new Reader(subject.model(), sequence, state, cancelled);
            reader.prompt(asked.ids(), end);
            reader.tokens(asked.ids(), end, asked.ids().length);
            String reply = reply(asked, reader, sequence);
            Tally tally = tallies.get(contender).get(query);
            tally.add(asked.question(), asked.question().accepts(reply));
            tally.spent.add(reader.receipt(), known * beginning.nanosPerToken);
        }
    }

    /** A sequence that holds the first {@code known} entries of another, in whole pages. */
    private Sequence begun(Sequence from, int known) {
        if (known == 0) return subject.model().newSequence();
        Sequence sequence = from.fork();
        if (known < from.length()) sequence.truncate(known);
        return sequence;
    }

    /** What the model says, as far as it can still be right. */
    private String reply(Asked asked, Reader reader, Sequence sequence) {
        Question question = asked.question();
        boolean whole = question.result().equals(question.answer());
        int most = question.mostTokens(subject::tokens);
        StreamingDecoder decoder = subject.tokenizer().streamingDecoder();
        StringBuilder text = new StringBuilder();
        int[] token = new int[1];
        for (int i = 0; i < most; i++) {
            token[0] = reader.next();
            if (subject.tokenizer().special().endOfGeneration().contains(token[0])) break;
            decoder.next(token[0], text);
            if (whole && !question.answer().startsWith(text.toString().strip())) break;
            if (sequence.length() >= subject.model().parameters().context() && !sequence.hooks().endless()) break;
            reader.tokens(token, 0, 1);
        }
        decoder.finish(text);
        return text.toString();
    }

    /** A row for each contender and way of asking. */
    List<CacheRow> rows(String task, int length) {
        List<CacheRow> rows = new ArrayList<>();
        Map<Query, Tally> full = tallies.get(contenders.getFirst());
        tallies.forEach((contender, ways) -> ways.forEach((query, tally) -> {
            Map<String, Object> values = new LinkedHashMap<>();
            tally.describe(full.get(query), values);
            rows.add(contender.row(task, query.toString(), length, values));
        }));
        return rows;
    }
}
