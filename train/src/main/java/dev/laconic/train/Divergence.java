package dev.laconic.train;

/** How far a student's distribution q over the next token is from its teacher's p. */
public enum Divergence {
    /** {@code -sum p ln q}, in nats. */
    CROSS_ENTROPY,
    /**
     * {@code 1 - sum min(p, q)}: the share of drafts that speculative sampling rejects (Zhou et al., DistillSpec,
     * 2310.08461). Tokens that the student cannot get right are no reason to be less sure of others.
     */
    TOTAL_VARIATION
}
