package dev.laconic.model.generate;

import dev.laconic.core.error.UsageException;
import dev.laconic.model.sample.SamplerOptions;

/**
 * How far and how to generate.
 *
 * @param maxTokens tokens to make at most
 * @param sampling how each is chosen, and what stops the text
 * @param ignoreEnd go on even if the model ends its text
 * @param prefillChunk rows of the prompt computed in one step
 */
public record GenerationOptions(int maxTokens, SamplerOptions sampling, boolean ignoreEnd, int prefillChunk) {
    public static final int DEFAULT_PREFILL_CHUNK = 512;

    public GenerationOptions {
        if (maxTokens < 0) throw new UsageException("max tokens must be 0 or more, found " + maxTokens);
        if (prefillChunk < 1) throw new UsageException("the prefill chunk must be 1 or more, found " + prefillChunk);
    }

    public GenerationOptions(int maxTokens, SamplerOptions sampling) {
        this(maxTokens, sampling, false, DEFAULT_PREFILL_CHUNK);
    }
}
