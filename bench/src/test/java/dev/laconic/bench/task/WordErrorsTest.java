package dev.laconic.bench.task;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordErrorsTest {

    @ParameterizedTest
    @CsvSource({
        "a b c, a b c, 0, 3",
        "a b c, 'a  b\nc ', 0, 3",
        "a b c, a c, 1, 3",
        "a b c, x a b c, 1, 3",
        "a b c, a x c, 1, 3",
        "a b c, c b a, 2, 3",
        "a b c, '', 3, 3",
        "a, b c d, 3, 1",
    })
    void wordsPutInLeftOutAndChangedAreCounted(String expected, String given, long errors, long words) {
        assertThat(WordErrors.between(expected, given)).isEqualTo(new WordErrors(errors, words));
    }

    @Test
    void theRateIsOverAllTexts() {
        WordErrors sum = WordErrors.between("a b", "a b").plus(WordErrors.between("c d", "c"));
        assertThat(sum.rate()).isEqualTo(0.25);
        assertThat(WordErrors.NONE.rate()).isNaN();
    }
}
