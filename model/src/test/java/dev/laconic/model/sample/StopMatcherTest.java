package dev.laconic.model.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.laconic.core.error.UsageException;
import dev.laconic.testkit.Seeds;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class StopMatcherTest {
    @Test
    void holdsBackWhatMayBecomeAStopString() {
        StopMatcher matcher = matcher("</s>", "STOP");
        assertThat(matcher.push("Hello <")).isEqualTo("Hello ");
        assertThat(matcher.push("/")).isEmpty();
        assertThat(matcher.push("b> ST")).isEqualTo("</b> ");
        assertThat(matcher.push("OP and more")).isEmpty();
        assertThat(matcher.matched()).contains("STOP");
        assertThat(matcher.push("never")).isEmpty();
        assertThat(matcher.finish()).isEmpty();
    }

    @Test
    void theEndReleasesWhatWasHeldBack() {
        StopMatcher matcher = matcher("\n\nUser:");
        assertThat(matcher.push("one\n\nUs")).isEqualTo("one");
        assertThat(matcher.finish()).isEqualTo("\n\nUs");
        assertThat(matcher.matched()).isEmpty();
    }

    @Test
    void theFirstCompleteStopWinsAndTheLongestAtOnePlace() {
        StopMatcher matcher = matcher("END", "THE END", "x");
        assertThat(matcher.push("at THE END x")).isEqualTo("at ");
        assertThat(matcher.matched()).contains("THE END");
        StopMatcher shorter = matcher("abcde", "bc");
        assertThat(shorter.push("zabcde")).isEqualTo("za");
        assertThat(shorter.matched()).contains("bc");
    }

    @Test
    void withoutStopStringsTextPassesThrough() {
        String piece = "anything";
        assertThat(matcher().push(piece)).isSameAs(piece);
        assertThat(matcher("q").push(piece)).isSameAs(piece);
    }

    @Test
    void stopIds() {
        StopMatcher matcher = new StopMatcher(
                SamplerOptions.builder().stopIds(Set.of(128_009, 2, 128_001)).build());
        assertThat(matcher.stopsAt(2)).isTrue();
        assertThat(matcher.stopsAt(128_009)).isTrue();
        assertThat(matcher.stopsAt(3)).isFalse();
        assertThatThrownBy(() -> matcher("")).isInstanceOf(UsageException.class);
    }

    @Test
    void piecesOfAnySizeGiveTheSameTextAsTheDefinition() {
        Seeds.check(3000, random -> {
            List<String> stops = new ArrayList<>();
            for (int i = random.nextInt(4); i >= 0; i--) stops.add(letters(random, 1 + random.nextInt(4)));
            String text = letters(random, random.nextInt(30));
            StopMatcher matcher = new StopMatcher(Set.of(), stops);
            StringBuilder out = new StringBuilder();
            for (int at = 0; at < text.length(); ) {
                int to = Math.min(text.length(), at + random.nextInt(5));
                out.append(matcher.push(text.substring(at, to)));
                at = to;
                String seen = text.substring(0, at);
                if (matcher.matched().isEmpty()) assertThat(seen).startsWith(out);
            }
            out.append(matcher.finish());
            String expected = text;
            Optional<String> stop = Optional.empty();
            for (int end = 1; end <= text.length() && stop.isEmpty(); end++) {
                String seen = text.substring(0, end);
                stop = stops.stream()
                        .filter(seen::endsWith)
                        .max(Comparator.comparingInt(String::length));
                if (stop.isPresent())
                    expected = seen.substring(0, end - stop.get().length());
            }
            assertThat(out.toString()).isEqualTo(expected);
            assertThat(matcher.matched()).isEqualTo(stop);
        });
    }

    private static String letters(RandomGenerator random, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) text.append((char) ('a' + random.nextInt(3)));
        return text.toString();
    }

    private static StopMatcher matcher(String... stops) {
        return new StopMatcher(Set.of(), List.of(stops));
    }
}
