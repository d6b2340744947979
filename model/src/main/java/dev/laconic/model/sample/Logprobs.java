package dev.laconic.model.sample;

/**
 * Natural log-probabilities of the model itself at one step: the log-softmax of the logits before bias, penalties,
 * filters and temperature. The most likely tokens come first, lower ids first among equals; a forbidden token has
 * negative infinity.
 */
public final class Logprobs {
    private final float[] logits;
    private final Candidates candidates;
    private final int[] top;
    private int size;
    private int chosen;
    private double logSum;

    Logprobs(int top, int vocab) {
        this.logits = new float[vocab];
        this.candidates = new Candidates(vocab);
        this.top = new int[top];
    }

    void record(float[] raw) {
        System.arraycopy(raw, 0, logits, 0, logits.length);
        float max = Float.NEGATIVE_INFINITY;
        for (float logit : logits) max = Math.max(max, logit);
        double sum = 0;
        for (float logit : logits) sum += Exp.exp(logit - (double) max);
        logSum = max + StrictMath.log(sum);
        candidates.fillTop(logits, top.length);
        candidates.rank();
        size = candidates.size();
        for (int i = 0; i < size; i++) top[i] = candidates.pollId();
    }

    void choose(int token) {
        chosen = token;
    }

    /** The chosen token's id. */
    public int chosen() {
        return chosen;
    }

    /** How many most likely tokens are recorded: as many as asked for, unless fewer are allowed. */
    public int size() {
        return size;
    }

    /** Id of the token that is number {@code rank}, from 0, by likelihood. */
    public int id(int rank) {
        return top[rank];
    }

    /** Log-probability of any token of the vocabulary. */
    public double of(int token) {
        return logits[token] - logSum;
    }
}
