package dev.laconic.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.laconic.testkit.SharedData;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TrialTest {

    @Test
    void commandsWithoutAModelSucceed() {
        assertThat(Trial.run(Optional.empty())).isZero();
    }

    @Test
    void commandsWithAModelSucceed() {
        assertThat(Trial.run(Optional.of(SharedData.require("data/models/stories260k/stories260K.bin")))).isZero();
    }
}
