package dev.laconic.bench.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.laconic.core.error.UsageException;
import dev.laconic.kernels.KernelOptions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AttentionSpeedTest {

    private static AttentionSpeed.Options options(String... codecs) {
        return new AttentionSpeed.Options(List.of(256), 1, 1, List.of(codecs), KernelOptions.defaults().withThreads(1));
    }

    @Test
    void onlyTheCodecsAskedForAreMeasuredBesideF16() {
        List<String> measured = new ArrayList<>();
        new AttentionSpeed(options("ROTATED_4"))
                .run(result -> measured.add(result.codec() + " " + result.selection()));
        assertThat(measured).containsExactly("F16 all", "ROTATED_4 all");
    }

    @Test
    void anUnknownCodecIsRefusedWithThoseThatAreKnown() {
        assertThatThrownBy(() -> options("FOO"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("found FOO")
                .hasMessageContaining("CHANNEL_4/TOKEN_4");
    }
}
