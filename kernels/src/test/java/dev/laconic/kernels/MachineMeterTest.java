package dev.laconic.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MachineMeterTest {
    @Test
    void everyLimitIsMeasured() {
        try (MachineMeter meter = new MachineMeter(2)) {
            MachineLimits limits = meter.measure();
            assertThat(limits.threads()).isEqualTo(2);
            assertThat(limits.flops()).isPositive();
            assertThat(limits.bytes()).isPositive();
            if (NativeLibrary.find().sets() > 0) assertThat(limits.integerOps()).isPositive();
            else assertThat(limits.integerOps()).isZero();
        }
    }

    @Test
    void measurementsHaveAMean() {
        assertThat(MachineLimits.mean(List.of(new MachineLimits(2, 1, 2, 3), new MachineLimits(2, 3, 4, 5))))
                .isEqualTo(new MachineLimits(2, 2, 3, 4));
    }
}
