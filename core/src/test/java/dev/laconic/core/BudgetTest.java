package dev.laconic.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.laconic.core.error.UsageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BudgetTest {

    @ParameterizedTest
    @CsvSource({
        "256, COUNT, 256, 256", "0, COUNT, 0, 0", "25%, SHARE, 0.25, 25%", "12.5 %, SHARE, 0.125, 12.5%",
        "0.07, SHARE, 0.07, 7%", "100%, SHARE, 1, 100%", "0%, SHARE, 0, 0%", "4MiB, BYTES, 4194304, 4MiB",
        "1.5kib, BYTES, 1536, 1536B", "10 MB, BYTES, 10000000, 10000000B", "7b, BYTES, 7, 7B",
                "2TiB, BYTES, 2199023255552, 2TiB"
    })
    void textRoundTrips(String text, Budget.Unit unit, double amount, String printed) {
        Budget budget = Budget.parse(text);
        assertThat(budget).isEqualTo(new Budget(unit, amount));
        assertThat(budget).hasToString(printed);
        assertThat(Budget.parse(printed)).isEqualTo(budget);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "-1", "101%", "1.5", "4k", "4ib", "1e3", "NaN", "99999999999999999999", "999999999TiB", "٣"})
    void whatIsNoBudgetIsRefused(String text) {
        assertThatThrownBy(() -> Budget.parse(text))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("budget: found \"" + text + "\", expected a count");
    }

    @Test
    void itemsAreAtMostAll() {
        assertThat(Budget.count(256).items(1000, 0)).isEqualTo(256);
        assertThat(Budget.count(256).items(100, 0)).isEqualTo(100);
        assertThat(Budget.share(0.07).items(100, 0)).isEqualTo(7);
        assertThat(Budget.share(0.25).items(10, 0)).isEqualTo(3);
        assertThat(Budget.share(1).items(10_000_000_019L, 0)).isEqualTo(10_000_000_019L);
        assertThat(Budget.bytes(1024).items(100, 100)).isEqualTo(10);
    }
}
