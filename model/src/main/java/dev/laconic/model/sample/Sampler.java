package dev.laconic.model.sample;

import dev.laconic.core.error.LaconicException;
import dev.laconic.core.error.UsageException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Chooses the next token of one sequence. Parts apply in this order: logit bias, repetition / frequency / presence
 * penalties, top-k, typical-p, top-p, min-p, temperature, draw. Each filter sees the softmax, at temperature 1, of the
 * tokens the one before it left. At temperature 0 the most likely token after bias and penalties is chosen and the
 * filters do not apply. Among equal logits the lower id counts as the more likely.
 *
 * <p>A draw takes one number from a SplitMix64 generator started at the seed and walks the distribution in the order of
 * ids, so that equal logits and an equal seed give equal tokens on every platform. A sampler holds the state of one
 * sequence and is not safe for use by several threads at once.
 */
public final class Sampler {
    private final SamplerOptions options;
    private final int vocab;
    private final int[] biasIds;
    private final float[] biases;
    private final Optional<RecentTokens> recent;
    private final Optional<Logprobs> logprobs;
    private final Candidates candidates;
    private final long seed;
    private long state;

    /**
     * @param vocab how many logits a row has
     * @throws UsageException if a biased token is outside the vocabulary
     */
    public Sampler(SamplerOptions options, int vocab) {
        if (vocab < 1) throw new IllegalArgumentException("vocabulary of " + vocab + " tokens");
        this.options = options;
        this.vocab = vocab;
        this.biasIds = new int[options.logitBias().size()];
        this.biases = new float[biasIds.length];
        int i = 0;
        for (Map.Entry<Integer, Float> bias : options.logitBias().entrySet()) {
            if (bias.getKey() >= vocab)
                throw new UsageException(
                        "logit bias: found token id " + bias.getKey() + ", expected 0 to " + (vocab - 1));
            biasIds[i] = bias.getKey();
            biases[i++] = bias.getValue();
        }
        boolean penalties = options.penaltyWindow() > 0
                && (options.repetitionPenalty() != 1
                        || options.presencePenalty() != 0
                        || options.frequencyPenalty() != 0);
        this.recent = penalties ? Optional.of(new RecentTokens(options.penaltyWindow(), vocab)) : Optional.empty();
        this.logprobs = options.topLogprobs().isPresent()
                ? Optional.of(new Logprobs(Math.min(vocab, options.topLogprobs().getAsInt()), vocab))
                : Optional.empty();
        this.candidates = new Candidates(vocab);
        this.seed = options.seed().orElseGet(() -> new SplittableRandom().nextLong());
        this.state = seed;
    }

    /** The seed in use: the one asked for, or the arbitrary one taken instead. */
    public long seed() {
        return seed;
    }

    /** Tells the penalties that {@code token}, of the prompt or chosen, now ends the sequence. */
    public void accept(int token) {
        if (token < 0 || token >= vocab)
            throw new IllegalArgumentException("token " + token + " of a vocabulary of " + vocab);
        recent.ifPresent(tokens -> tokens.add(token));
    }

    /** Takes back the latest {@code count} accepted tokens: drafts that a verifier refused. */
    public void retract(int count) {
        if (recent.isEmpty()) return;
        RecentTokens tokens = recent.get();
        if (count < 0 || count > tokens.length())
            throw new IllegalArgumentException("retract " + count + " of " + tokens.length() + " tokens");
        for (int i = 0; i < count; i++) tokens.removeLast();
    }

    /**
     * Chooses a token. The token still has to be {@linkplain #accept accepted}.
     *
     * @param logits one per token of the vocabulary, negative infinity for a forbidden token; overwritten
     * @throws LaconicException if a logit is NaN or positive infinity, or if no token is left to choose
     */
    public int sample(float[] logits) {
        requireRow(logits);
        logprobs.ifPresent(l -> l.record(logits));
        int token;
        if (options.temperature() == 0) {
            token = adjust(logits);
        } else {
            distribution(logits);
            token = draw(logits);
        }
        logprobs.ifPresent(l -> l.choose(token));
        return token;
    }

    /**
     * Replaces logits by the probabilities {@link #sample} draws from: all filters applied, 0 for what they removed, at
     * temperature 0 all on one token.
     *
     * @param logits as {@link #sample} takes them; overwritten by the probabilities
     * @throws LaconicException as {@link #sample} does
     */
    public void distribution(float[] logits) {
        requireRow(logits);
        int best = adjust(logits);
        if (options.temperature() == 0) {
            Arrays.fill(logits, 0);
            logits[best] = 1;
            return;
        }
        boolean topK = options.topK() > 0 && options.topK() < vocab;
        if (!topK && options.typicalP() == 1 && options.topP() == 1 && options.minP() == 0) {
            softmax(logits, logits[best], options.temperature());
            return;
        }
        if (topK) candidates.fillTop(logits, options.topK());
        else candidates.fill(logits);
        if (options.typicalP() < 1) candidates.typical(options.typicalP(), logits);
        if (options.topP() < 1) candidates.topP(options.topP());
        if (options.minP() > 0) candidates.minP(options.minP());
        candidates.probabilities(options.temperature(), logits);
    }

    /**
     * Draws an index with probability proportional to its weight.
     *
     * @param weights none negative, at least one positive; they need not sum to 1
     */
    public int draw(float[] weights) {
        double total = 0;
        for (float weight : weights) total += weight;
        double target = uniform() * total;
        double sum = 0;
        int last = -1;
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] > 0) {
                last = i;
                sum += weights[i];
                if (sum > target) return i;
            }
        }
        if (last < 0) throw new IllegalArgumentException("no positive weight to draw from");
        return last;
    }

    /** The next number of this sampler's generator, from 0 inclusive to 1 exclusive. */
    public double uniform() {
        state += 0x9E3779B97F4A7C15L;
        long z = state;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return ((z ^ z >>> 31) >>> 11) * 0x1p-53;
    }

    /** Log-probabilities at the latest {@link #sample}, if the options ask for them; overwritten by the next. */
    public Optional<Logprobs> logprobs() {
        return logprobs;
    }

    private void requireRow(float[] logits) {
        if (logits.length != vocab)
            throw new IllegalArgumentException(logits.length + " logits for a vocabulary of " + vocab);
    }

    /** Applies bias and penalties, refuses what is not a distribution, and returns the most likely token. */
    private int adjust(float[] logits) {
        for (int i = 0; i < biasIds.length; i++) logits[biasIds[i]] += biases[i];
        if (recent.isPresent()) penalise(logits, recent.get());
        int best = 0;
        float max = Float.NEGATIVE_INFINITY;
        boolean sound = true;
        for (int id = 0; id < vocab; id++) {
            float logit = logits[id];
            sound &= logit < Float.POSITIVE_INFINITY;
            if (logit > max) {
                max = logit;
                best = id;
            }
        }
        if (!sound) throw unsound(logits);
        if (max == Float.NEGATIVE_INFINITY)
            throw new LaconicException("no token left to choose: all " + vocab + " logits are -Infinity");
        return best;
    }

    private void penalise(float[] logits, RecentTokens tokens) {
        for (int id = 0; id < vocab; id++) {
            int count = tokens.count(id);
            if (count == 0) continue;
            float logit = logits[id];
            logit = logit > 0 ? logit / options.repetitionPenalty() : logit * options.repetitionPenalty();
            logits[id] = logit - count * options.frequencyPenalty() - options.presencePenalty();
        }
    }

    private static LaconicException unsound(float[] logits) {
        int id = 0;
        while (logits[id] < Float.POSITIVE_INFINITY) id++;
        return new LaconicException("logit of token " + id + ": found " + logits[id]
                + ", expected a finite number, or -Infinity for a forbidden token");
    }

    private static void softmax(float[] logits, double max, double temperature) {
        double sum = 0;
        for (int i = 0; i < logits.length; i++) {
            double weight = Exp.exp((logits[i] - max) / temperature);
            logits[i] = (float) weight;
            sum += weight;
        }
        for (int i = 0; i < logits.length; i++) logits[i] = (float) (logits[i] / sum);
    }
}
