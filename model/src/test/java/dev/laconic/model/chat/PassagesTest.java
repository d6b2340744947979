package dev.laconic.model.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.laconic.testkit.Seeds;
import java.util.List;
import org.junit.jupiter.api.Test;

class PassagesTest {
    private static int words(String text) {
        return (int) java.util.Arrays.stream(text.split("\\s+")).filter(word -> !word.isEmpty()).count();
    }

    @Test
    void passagesEndWhereTheTextDoes() {
        assertThat(Passages.of("One two.\n\nThree four five.\n\nSix.", 4, PassagesTest::words))
                .containsExactly("One two.\n\n", "Three four five.\n\nSix.");
        assertThat(Passages.of("One two three. Four five. Six", 3, PassagesTest::words))
                .containsExactly("One two three.", " Four five. Six");
        assertThat(Passages.of("one two three", 2, PassagesTest::words)).containsExactly("one two", " three");
        assertThat(Passages.of("", 2, PassagesTest::words)).isEmpty();
    }

    @Test
    void togetherTheyAreTheDocumentAndNoneIsTooLong() {
        Seeds.check(300, random -> {
            StringBuilder text = new StringBuilder();
            String[] parts = {"word", "a", "\n", "\n\n", ". ", " ", "\uD83D\uDE00", "unbreakable".repeat(5)};
            int count = random.nextInt(60);
            for (int i = 0; i < count; i++) text.append(parts[random.nextInt(parts.length)]);
            int most = random.nextInt(1, 20);
            List<String> passages = Passages.of(text.toString(), most, each -> each.codePointCount(0, each.length()));
            assertThat(String.join("", passages)).isEqualTo(text.toString());
            for (String passage : passages)
                assertThat(passage.codePointCount(0, passage.length())).isBetween(1, most);
        });
    }
}
