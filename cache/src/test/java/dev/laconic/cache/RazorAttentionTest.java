package dev.laconic.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.laconic.model.Model;
import dev.laconic.model.Sequence;
import dev.laconic.model.kv.HeadCache;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RazorAttentionTest {
    private final Model model = Tiny.model("vector");

    @Test
    void headsThatRetrieveKeepAllAndOthersAWindowAndACompensationToken() {
        RazorAttention razor = new RazorAttention(20, 10, 3, 0.1, 0, 40, When.PROMPT_END);
        int whole = 0;
        try (Sequence sequence = Tiny.sequence(model, razor);
                Sequence plain = model.newSequence()) {
            int[] text = Tiny.text(100);
            Tiny.prefill(model, sequence, text, 50);
            Tiny.prefill(model, plain, text, 50);
            for (int layer = 0; layer < 3; layer++)
                for (int head = 0; head < 2; head++) {
                    HeadCache held = sequence.cache().head(layer, head);
                    if (held.size() == 100) {
                        whole++;
                        continue;
                    }
                    assertThat(held.size()).isEqualTo(3 + 1 + 20);
                    assertThat(held.weight(3)).isEqualTo(77f);
                    assertMean(held, plain.cache().head(layer, head));
                }
            // A tenth of six KV heads, rounded up.
            assertThat(whole).isEqualTo(1);

            Tiny.decode(model, sequence, Arrays.copyOf(text, 40));
            for (int layer = 0; layer < 3; layer++)
                for (int head = 0; head < 2; head++) {
                    HeadCache held = sequence.cache().head(layer, head);
                    double tokens = 0;
                    for (int i = 0; i < held.size(); i++) tokens += held.weight(i);
                    assertThat(tokens).isEqualTo(140);
                }
        }
    }

    private static void assertMean(HeadCache held, HeadCache plain) {
        float[] keys = new float[77 * 16];
        plain.readKeys(3, 80, keys, 0);
        float[] found = new float[16];
        held.readKey(3, found, 0);
        for (int c = 0; c < 16; c++) {
            double sum = 0;
            for (int i = 0; i < 77; i++) sum += keys[i * 16 + c];
            assertThat(found[c]).isCloseTo((float) (sum / 77), org.assertj.core.api.Assertions.within(0.01f));
        }
    }
}
