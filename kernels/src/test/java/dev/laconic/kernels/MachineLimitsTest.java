package dev.laconic.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MachineLimitsTest {
    @Test
    void everyLimitIsMeasured() {
        MachineLimits limits = MachineLimits.measure(2);
        assertThat(limits.threads()).isEqualTo(2);
        assertThat(limits.flops()).isPositive();
        assertThat(limits.bytes()).isPositive();
        if (NativeLibrary.find().sets() > 0) assertThat(limits.integerOps()).isPositive();
        else assertThat(limits.integerOps()).isZero();
    }
}
