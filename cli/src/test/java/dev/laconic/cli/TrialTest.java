package dev.laconic.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.laconic.testkit.SharedData;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TrialTest {

    @Test
    void commandsWithoutAModelSucceed() {
        assertThat(run(Trial.Kind.ALL, Optional.empty())).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void commandsWithAModelSucceed(Trial.Kind kind) {
        assertThat(run(kind, Optional.of(SharedData.require("data/models/stories260k/stories260K.bin")))).isZero();
    }

    private static int run(Trial.Kind kind, Optional<Path> model) {
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        return Trial.run(kind, model, nowhere, nowhere);
    }
}
