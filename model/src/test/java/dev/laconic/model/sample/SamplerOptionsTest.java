package dev.laconic.model.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.laconic.core.error.UsageException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class SamplerOptionsTest {
    @Test
    void refusesValuesOutsideTheirRange() {
        refused("temperature", b -> b.temperature(-1));
        refused("temperature", b -> b.temperature(Float.NaN));
        refused("temperature", b -> b.temperature(Float.POSITIVE_INFINITY));
        refused("top-k", b -> b.topK(-1));
        refused("top-p", b -> b.topP(1.5f));
        refused("top-p", b -> b.topP(Float.NaN));
        refused("min-p", b -> b.minP(-0.1f));
        refused("typical-p", b -> b.typicalP(2));
        refused("repetition penalty", b -> b.repetitionPenalty(0));
        refused("presence penalty", b -> b.presencePenalty(Float.NaN));
        refused("frequency penalty", b -> b.frequencyPenalty(Float.NEGATIVE_INFINITY));
        refused("penalty window", b -> b.penaltyWindow(-1));
        refused("logit bias", b -> b.logitBias(Map.of(-1, 1f)));
        refused("logit bias of token 3", b -> b.logitBias(Map.of(3, Float.NaN)));
        refused("logit bias of token 3", b -> b.logitBias(Map.of(3, Float.POSITIVE_INFINITY)));
        refused("top logprobs", b -> b.topLogprobs(-1));
        refused("stop id", b -> b.stopIds(Set.of(-2)));
        refused("stop string", b -> b.stopStrings(List.of("a", "")));
    }

    @Test
    void aBuilderFromOptionsGivesThemBack() {
        SamplerOptions options = SamplerOptions.builder()
                .temperature(0.5f)
                .topK(40)
                .topP(0.9f)
                .minP(0.1f)
                .typicalP(0.8f)
                .repetitionPenalty(1.1f)
                .presencePenalty(0.1f)
                .frequencyPenalty(0.2f)
                .penaltyWindow(9)
                .logitBias(Map.of(3, 1f))
                .seed(4)
                .topLogprobs(5)
                .stopIds(Set.of(1, 2))
                .stopStrings(List.of("a"))
                .build();
        assertThat(options.toBuilder().build()).isEqualTo(options);
        assertThat(SamplerOptions.greedy().temperature()).isZero();
    }

    private static void refused(String name, UnaryOperator<SamplerOptions.Builder> change) {
        assertThatThrownBy(() -> change.apply(SamplerOptions.builder()).build())
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith(name)
                .hasMessageContaining("expected");
    }
}
