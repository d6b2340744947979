package dev.laconic.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.laconic.core.tensor.TensorType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PanelOrderTest {
    @ParameterizedTest
    @ValueSource(ints = {PanelOrder.IN_A_ROW, PanelOrder.FAR_APART})
    void theFasterOrderIsKeptForAWhile(int faster) {
        PanelOrder order = new PanelOrder(TensorType.Q8_0, 64, 5);
        for (int round = 0; round < 3; round++) {
            int[] tried = new int[2];
            for (int i = 0; i < 2 * PanelOrder.TRIALS; i++) {
                int next = order.next();
                assertThat(order.timed()).isTrue();
                order.took((next == faster ? 10 : 12) + (tried[next]++ % 5 == 0 ? 100 : 0));
            }
            assertThat(tried).containsOnly(PanelOrder.TRIALS);
            for (int i = 0; i < PanelOrder.KEPT; i++) {
                assertThat(order.next()).isEqualTo(faster);
                assertThat(order.timed()).isFalse();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void bothAreTriedOnEachOfATokensProducts(int products) {
        PanelOrder order = new PanelOrder(TensorType.Q8_0, 64, 5);
        boolean[][] met = new boolean[products][2];
        for (int i = 0; i < 2 * PanelOrder.TRIALS; i++) {
            int next = order.next();
            met[i % products][next] = true;
            order.took(1);
        }
        for (boolean[] each : met) assertThat(each).containsOnly(true);
    }
}
