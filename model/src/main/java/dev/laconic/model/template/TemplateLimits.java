package dev.laconic.model.template;

import dev.laconic.core.error.UsageException;

/**
 * What one rendering may spend before it fails.
 *
 * @param steps expressions and statements evaluated
 * @param work characters read or made, and what containers cost in the same measure: a bound on time and memory
 * @param output characters of the result
 * @param depth nesting of expressions, calls and values
 */
public record TemplateLimits(long steps, long work, int output, int depth) {

    /** Enough for conversations of millions of characters, little enough to end within seconds. */
    public static final TemplateLimits DEFAULT = new TemplateLimits(20_000_000, 200_000_000, 50_000_000, 400);

    /** @throws UsageException if a limit is not positive or the depth is above 400, more than a thread's stack holds */
    public TemplateLimits {
        if (steps < 1 || work < 1 || output < 1 || depth < 1 || depth > 400)
            throw new UsageException("template limits: found " + steps + " steps, " + work + " work, " + output
                    + " output, " + depth + " depth, expected each above 0 and a depth of at most 400");
    }
}
