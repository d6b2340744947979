package dev.laconic.tokenize.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.laconic.testkit.Seeds;
import java.util.List;
import org.junit.jupiter.api.Test;

class BpeTrainerTest {
    private static final List<String> SPECIALS = List.of("<|begin|>", "<|end|>");
    private static final String TEXT = "the cat sat on the mat. The cat's hat: 1234 12 1212! ".repeat(5) + "naïve ☃\n\n";

    private static ByteLevelBpe trained(int size) {
        BpeTrainer trainer = new BpeTrainer();
        trainer.add(TEXT);
        return trainer.train(SPECIALS, size);
    }

    @Test
    void theMostFrequentPairsComeFirst() {
        assertThat(trained(262).mergeLines()).containsExactly("a t", "h e", "Ġ c", "t he");
    }

    @Test
    void theSameTextGivesTheSameVocabulary() {
        assertThat(trained(290).tokens()).isEqualTo(trained(290).tokens());
    }

    @Test
    void digitsStayAlone() {
        ByteLevelBpe bpe = trained(290);
        assertThat(bpe.encode("1212")).hasSize(4);
        assertThat(bpe.tokens()).noneMatch(token -> token.length() > 1 && token.matches(".*\\d.*"));
    }

    @Test
    void anyTextComesBack() {
        ByteLevelBpe bpe = trained(290);
        Seeds.check(200, random -> {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(40); i > 0; i--)
                text.appendCodePoint(random.nextBoolean() ? random.nextInt(32, 127) : random.nextInt(0xD800));
            assertThat(bpe.decode(bpe.encode(text.toString()))).isEqualTo(text.toString());
        });
    }

    @Test
    void aVocabularyComesBackFromItsMerges() {
        ByteLevelBpe bpe = trained(290);
        ByteLevelBpe parsed = ByteLevelBpe.parse(SPECIALS, bpe.mergeLines());
        assertThat(parsed.tokens()).isEqualTo(bpe.tokens());
        assertThat(parsed.encode(TEXT)).isEqualTo(bpe.encode(TEXT));
    }

    @Test
    void thereMustBeRoomForTheBytes() {
        assertThatThrownBy(() -> trained(257)).hasMessageContaining("257");
    }
}
