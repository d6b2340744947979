package dev.laconic.bench.cache;

import dev.laconic.bench.workload.Prose;
import dev.laconic.bench.workload.Task;
import dev.laconic.bench.workload.Workload;
import java.util.List;

/**
 * What is measured.
 *
 * @param workloads whose test tasks are asked
 * @param lengths tokens of prompt and reply together
 * @param own tasks that are asked as they are; may be empty
 * @param count tasks of each workload and length, and of one's own at most
 * @param queries the ways of asking
 * @param prose whose words the perplexity is taken of
 * @param perplexityTokens of the text, and of those the ones that are only read; no perplexity if 0
 * @param cached entries in the cache when speed is measured
 * @param steps tokens that are timed
 */
public record CachePlan(
        List<Workload> workloads,
        List<Integer> lengths,
        List<Task> own,
        int count,
        List<Query> queries,
        Prose prose,
        int perplexityTokens,
        int perplexityPrompt,
        List<Integer> cached,
        int steps) {

    public CachePlan {
        workloads = List.copyOf(workloads);
        lengths = List.copyOf(lengths);
        own = List.copyOf(own);
        queries = List.copyOf(queries);
        cached = List.copyOf(cached);
    }
}
