package dev.laconic.bench.cache;

import dev.laconic.core.technique.PipelineSpec;
import java.util.OptionalDouble;

/**
 * A chain of cache techniques to be judged.
 *
 * @param technique whose results these are: an id, or several joined by {@code +}
 * @param setting what tells its candidates apart, for people: {@code 25%}, {@code 4 bits}, {@code default}
 * @param budget share of the cache that was asked for
 */
public record Candidate(String technique, PipelineSpec chain, String setting, OptionalDouble budget) {}
