package dev.laconic.model.sample;

import dev.laconic.core.error.UsageException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * How the next token is chosen and where generation stops. {@link Sampler} says in which order the parts apply. The
 * builder's start values change nothing: temperature 1, every filter and penalty off.
 *
 * @param temperature divides the logits, 0 or more; 0 is greedy
 * @param topK keep this many most likely tokens; 0 keeps all
 * @param topP keep the smallest set of most likely tokens that holds this share of the probability, 0 to 1; 1 keeps all
 * @param minP keep tokens at least this share as likely as the most likely one, 0 to 1; 0 keeps all
 * @param typicalP keep the smallest set of tokens whose surprise is nearest the entropy that holds this share of the
 *     probability, 0 to 1; 1 keeps all
 * @param repetitionPenalty divides positive and multiplies negative logits of recent tokens, above 0; 1 is none
 * @param presencePenalty subtracted from the logit of every recent token
 * @param frequencyPenalty subtracted from the logit of a recent token once per occurrence
 * @param penaltyWindow how many of the latest tokens count as recent; {@link Integer#MAX_VALUE} is the whole sequence
 * @param logitBias added to the logits of these token ids; negative infinity forbids a token
 * @param seed of the draws; none asks for an arbitrary one
 * @param topLogprobs record the chosen token's log-probability and those of this many most likely tokens; none records
 *     nothing
 * @param stopIds token ids that end generation
 * @param stopStrings texts that end generation, none empty
 */
public record SamplerOptions(
        float temperature,
        int topK,
        float topP,
        float minP,
        float typicalP,
        float repetitionPenalty,
        float presencePenalty,
        float frequencyPenalty,
        int penaltyWindow,
        Map<Integer, Float> logitBias,
        OptionalLong seed,
        OptionalInt topLogprobs,
        Set<Integer> stopIds,
        List<String> stopStrings) {

    /** @throws UsageException if a value is outside its range */
    public SamplerOptions {
        require("temperature", temperature, temperature >= 0 && temperature < Float.POSITIVE_INFINITY, "0 or more");
        require("top-k", topK, topK >= 0, "0 (off) or more");
        share("top-p", topP);
        share("min-p", minP);
        share("typical-p", typicalP);
        require(
                "repetition penalty",
                repetitionPenalty,
                repetitionPenalty > 0 && repetitionPenalty < Float.POSITIVE_INFINITY,
                "more than 0");
        require("presence penalty", presencePenalty, Float.isFinite(presencePenalty), "a finite number");
        require("frequency penalty", frequencyPenalty, Float.isFinite(frequencyPenalty), "a finite number");
        require("penalty window", penaltyWindow, penaltyWindow >= 0, "0 (off) or more");
        logitBias = Collections.unmodifiableMap(new TreeMap<>(logitBias));
        logitBias.forEach((id, bias) -> {
            require("logit bias", id, id >= 0, "a token id of 0 or more");
            require(
                    "logit bias of token " + id,
                    bias,
                    bias < Float.POSITIVE_INFINITY,
                    "a finite number or -Infinity");
        });
        if (topLogprobs.isPresent())
            require("top logprobs", topLogprobs.getAsInt(), topLogprobs.getAsInt() >= 0, "0 or more");
        stopIds = Collections.unmodifiableSet(new TreeSet<>(stopIds));
        for (int id : stopIds) require("stop id", id, id >= 0, "a token id of 0 or more");
        stopStrings = List.copyOf(stopStrings);
        for (String stop : stopStrings) require("stop string", "\"\"", !stop.isEmpty(), "at least one character");
    }

    /** The most likely token every time. */
    public static SamplerOptions greedy() {
        return builder().temperature(0).build();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** A builder that starts from these options. */
    public Builder toBuilder() {
        return new Builder()
                .temperature(temperature)
                .topK(topK)
                .topP(topP)
                .minP(minP)
                .typicalP(typicalP)
                .repetitionPenalty(repetitionPenalty)
                .presencePenalty(presencePenalty)
                .frequencyPenalty(frequencyPenalty)
                .penaltyWindow(penaltyWindow)
                .logitBias(logitBias)
                .seed(seed)
                .topLogprobs(topLogprobs)
                .stopIds(stopIds)
                .stopStrings(stopStrings);
    }

    private static void share(String name, float value) {
        require(name, value, value >= 0 && value <= 1, "0 to 1");
    }

    private static void require(String name, Object found, boolean holds, String expected) {
        if (!holds) throw new UsageException(name + ": found " + found + ", expected " + expected);
    }

    /** Collects options; {@link #build()} checks them. */
    public static final class Builder {
        private float temperature = 1;
        private int topK;
        private float topP = 1;
        private float minP;
        private float typicalP = 1;
        private float repetitionPenalty = 1;
        private float presencePenalty;
        private float frequencyPenalty;
        private int penaltyWindow = 64;
        private Map<Integer, Float> logitBias = Map.of();
        private OptionalLong seed = OptionalLong.empty();
        private OptionalInt topLogprobs = OptionalInt.empty();
        private Set<Integer> stopIds = Set.of();
        private List<String> stopStrings = List.of();

        private Builder() {}

        public Builder temperature(float value) {
            temperature = value;
            return this;
        }

        public Builder topK(int value) {
            topK = value;
            return this;
        }

        public Builder topP(float value) {
            topP = value;
            return this;
        }

        public Builder minP(float value) {
            minP = value;
            return this;
        }

        public Builder typicalP(float value) {
            typicalP = value;
            return this;
        }

        public Builder repetitionPenalty(float value) {
            repetitionPenalty = value;
            return this;
        }

        public Builder presencePenalty(float value) {
            presencePenalty = value;
            return this;
        }

        public Builder frequencyPenalty(float value) {
            frequencyPenalty = value;
            return this;
        }

        public Builder penaltyWindow(int value) {
            penaltyWindow = value;
            return this;
        }

        public Builder logitBias(Map<Integer, Float> value) {
            logitBias = value;
            return this;
        }

        public Builder seed(long value) {
            return seed(OptionalLong.of(value));
        }

        public Builder seed(OptionalLong value) {
            seed = value;
            return this;
        }

        public Builder topLogprobs(int value) {
            return topLogprobs(OptionalInt.of(value));
        }

        public Builder topLogprobs(OptionalInt value) {
            topLogprobs = value;
            return this;
        }

        public Builder stopIds(Set<Integer> value) {
            stopIds = value;
            return this;
        }

        public Builder stopStrings(List<String> value) {
            stopStrings = value;
            return this;
        }

        /** @throws UsageException if a value is outside its range */
        public SamplerOptions build() {
            return new SamplerOptions(
                    temperature,
                    topK,
                    topP,
                    minP,
                    typicalP,
                    repetitionPenalty,
                    presencePenalty,
                    frequencyPenalty,
                    penaltyWindow,
                    logitBias,
                    seed,
                    topLogprobs,
                    stopIds,
                    stopStrings);
        }
    }
}
