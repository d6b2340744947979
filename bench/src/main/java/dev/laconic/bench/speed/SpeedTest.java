package dev.laconic.bench.speed;

/**
 * What is timed: a prompt of {@code prompt} tokens, or {@code generated} tokens one by one, after {@code depth} tokens
 * that are cached already.
 */
public record SpeedTest(int prompt, int generated, int depth, int threads) {
    /** Tokens that are timed. */
    public int tokens() {
        return prompt + generated;
    }

    /** As llama-bench says it: {@code pp512 @ d4096}, {@code tg128}. */
    public String label() {
        return (prompt > 0 ? "pp" + prompt : "tg" + generated) + (depth > 0 ? " @ d" + depth : "");
    }
}
