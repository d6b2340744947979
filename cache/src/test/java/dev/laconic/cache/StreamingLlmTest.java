package dev.laconic.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.laconic.core.error.UsageException;
import dev.laconic.kernels.KvType;
import dev.laconic.model.Model;
import dev.laconic.model.Sequence;
import dev.laconic.model.kv.HeadCache;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StreamingLlmTest {
    private final Model model = Tiny.model("scalar");

    @Test
    void aTextLongerThanTheContextGoesOnInConstantMemory() {
        int[] text = Tiny.text(700);
        long most = 0;
        try (Sequence sequence = Tiny.sequence(model, new StreamingLlm(4, 60, 8))) {
            Tiny.prefill(model, sequence, Arrays.copyOf(text, 200), 50);
            for (int i = 200; i < text.length; i++) {
                float[] logits = Tiny.step(model, sequence, text[i]);
                assertThat(logits[0]).isFinite();
                assertThat(sequence.length()).isBetween(64, 72);
                most = Math.max(most, sequence.cache().bytes());
            }
            HeadCache head = sequence.cache().head(1, 1);
            assertThat(Tiny.positions(head)).isEqualTo(IntStream.range(0, head.size()).toArray());
            // Two pages a head.
            assertThat(most).isEqualTo(6 * 2 * head.format().pageBytes());
        }
    }

    /** What is kept answers as if the kept tokens stood side by side: layer 0 holds exactly their keys and values. */
    @Test
    void movedKeysAreThoseOfTheNewPositions() {
        int[] text = Tiny.text(100);
        int[] kept = IntStream.concat(Arrays.stream(text, 0, 4), Arrays.stream(text, 70, 100)).toArray();
        try (Sequence moved = model.newSequence(KvType.F32, KvType.F32);
                Sequence fresh = model.newSequence(KvType.F32, KvType.F32)) {
            moved.hooks(new StreamingLlm(4, 30, 0).start(
                    new CacheContext("streaming-llm", model, moved, java.util.List.of(), java.util.Optional.empty(), java.util.Map.of())));
            Tiny.prefill(model, moved, text, 100);
            Tiny.prefill(model, fresh, kept, 100);
            for (int head = 0; head < 2; head++) {
                float[] found = new float[kept.length * 16];
                float[] expected = new float[kept.length * 16];
                moved.cache().head(0, head).readKeys(0, kept.length, found, 0);
                fresh.cache().head(0, head).readKeys(0, kept.length, expected, 0);
                for (int i = 0; i < found.length; i++) assertThat(found[i]).isCloseTo(expected[i], within(1e-4f));
            }
        }
    }

    @Test
    void aWindowLargerThanTheContextIsRefused() {
        assertThatThrownBy(() -> Tiny.sequence(model, new StreamingLlm(4, 1020, 32)))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("1056")
                .hasMessageContaining("512");
    }
}
