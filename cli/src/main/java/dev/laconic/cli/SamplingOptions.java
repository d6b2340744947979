package dev.laconic.cli;

import dev.laconic.core.error.UsageException;
import dev.laconic.model.sample.SamplerOptions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How tokens are chosen. */
final class SamplingOptions {
    @Option(names = "--temperature", paramLabel = "T", description = "0 is greedy (default: ${DEFAULT-VALUE}).")
    float temperature = 0.8f;

    @Option(names = "--top-k", paramLabel = "K", description = "Keep the K most likely tokens; 0 keeps all (default: ${DEFAULT-VALUE}).")
    int topK = 40;

    @Option(names = "--top-p", paramLabel = "P", description = "Keep the most likely tokens that share P (default: ${DEFAULT-VALUE}).")
    float topP = 0.95f;

    @Option(names = "--min-p", paramLabel = "P", description = "Keep tokens at least P as likely as the likeliest (default: ${DEFAULT-VALUE}).")
    float minP = 0.05f;

    @Option(names = "--typical", paramLabel = "P", description = "Locally typical sampling; 1 is off (default: ${DEFAULT-VALUE}).")
    float typical = 1f;

    @Option(names = "--repeat-penalty", paramLabel = "R", description = "Divides the logits of recent tokens (default: ${DEFAULT-VALUE}).")
    float repeatPenalty = 1f;

    @Option(names = "--presence-penalty", paramLabel = "R", description = "Taken off the logit of every recent token (default: ${DEFAULT-VALUE}).")
    float presencePenalty;

    @Option(names = "--frequency-penalty", paramLabel = "R", description = "Taken off once per occurrence (default: ${DEFAULT-VALUE}).")
    float frequencyPenalty;

    @Option(names = "--penalty-window", paramLabel = "N", description = "Tokens that count as recent (default: ${DEFAULT-VALUE}).")
    int penaltyWindow = 64;

    @Option(names = "--logit-bias", paramLabel = "ID=B", description = "Added to a token's logit; -Infinity forbids it. Repeatable.")
    Map<Integer, Float> logitBias = new LinkedHashMap<>();

    @Option(names = "--seed", paramLabel = "S", description = "Makes draws repeatable.")
    Optional<Long> seed = Optional.empty();

    @Option(names = "--stop", paramLabel = "TEXT", description = "Ends the answer where this text comes. Repeatable.")
    List<String> stops = List.of();

    @Option(names = "--logprobs", paramLabel = "N", description = "With --json: log-probabilities of each token and the N likeliest.")
    Optional<Integer> logprobs = Optional.empty();

    SamplerOptions options() {
        SamplerOptions.Builder builder = SamplerOptions.builder()
                .temperature(temperature)
                .topK(topK)
                .topP(topP)
                .minP(minP)
                .typicalP(typical)
                .repetitionPenalty(repeatPenalty)
                .presencePenalty(presencePenalty)
                .frequencyPenalty(frequencyPenalty)
                .penaltyWindow(penaltyWindow)
                .logitBias(logitBias)
                .stopStrings(stops);
        seed.ifPresent(builder::seed);
        logprobs.ifPresent(builder::topLogprobs);
        return builder.build();
    }

    /** {@code 1,2,3}. */
    static int[] ids(String text) {
        if (text.isBlank()) return new int[0];
        String[] parts = text.split(",");
        int[] ids = new int[parts.length];
        for (int i = 0; i < parts.length; i++) {
            try {
                ids[i] = Integer.parseInt(parts[i].strip());
            } catch (NumberFormatException wrong) {
                throw new UsageException("--ids: found '" + parts[i].strip() + "', expected token ids as in 1,2,3");
            }
        }
        return ids;
    }
}
