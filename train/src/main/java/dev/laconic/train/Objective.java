package dev.laconic.train;

/** What a decoder learns to predict. */
public enum Objective {
    /** Each token from those before it. */
    NEXT_TOKEN,
    /** Each token's distribution under a teacher, from the tokens before it. */
    DISTILLATION,
    /**
     * Hidden tokens from all others (LLaDA, arXiv 2502.09992): a share of the tokens, drawn anew for each sequence, is
     * hidden; in most conversations only replies are. A row predicts the token behind it, so that training can begin with
     * the weights of a next-token model.
     */
    MASKED_DIFFUSION;

    boolean causal() {
        return this != MASKED_DIFFUSION;
    }
}
