package dev.laconic.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ReceiptTest {
    private final AtomicLong clock = new AtomicLong(5_000);
    private final ReceiptRecorder recorder = new ReceiptRecorder(2, clock::get);

    @Test
    void aPlainRunComputesEverything() {
        recorder.kernels("scalar");
        recorder.prompt(10, 10);
        recorder.rows(0, 2, 10);
        for (int token = 0; token < 3; token++) {
            recorder.forwardPass();
            clock.addAndGet(2_000_000);
            recorder.emitted(1);
            recorder.kv(100 + token, 0, 100 + token);
            if (token < 2) recorder.rows(0, 2, 1);
        }
        Receipt receipt = recorder.receipt();
        assertThat(receipt.rowsComputed()).isEqualTo(receipt.rowsFull()).isEqualTo(24);
        assertThat(receipt.lines())
                .containsExactly(
                        "prompt    10 tokens",
                        "rows      24 of 24 computed",
                        "KV cache  102 B of 102 B as f16",
                        "answer    3 tokens in 3 forward passes",
                        "time      first token after 2.00 ms, then 2.00 ms a token",
                        "kernels   scalar");
        assertThat(receipt.toMap())
                .containsEntry("ttftMs", 2.0)
                .containsEntry("tptMs", 2.0)
                .containsEntry("rowsPerLayer", List.of(12L, 12L))
                .containsEntry("tokensOut", 3L);
    }

    @Test
    void savingsAreCounted() {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.GERMANY);
        try {
            recorder.prompt(2000, 1000);
            recorder.reused(200);
            recorder.rows(0, 1, 800);
            recorder.rows(1, 2, 400);
            recorder.kv(6 << 20, 2 << 20, 16 << 20);
            recorder.kv(3 << 20, 1 << 20, 16 << 20);
            recorder.kvMoved(1 << 20);
            recorder.forwardPass();
            clock.addAndGet(120_000_000);
            recorder.emitted(4);
            recorder.forwardPass();
            clock.addAndGet(40_000_000);
            recorder.emitted(4);
            Receipt receipt = recorder.receipt();
            assertThat(receipt.lines())
                    .containsExactly(
                            "prompt    2,000 tokens, 1,000 sent (50.0%), 200 reused",
                            "rows      1,200 of 2,014 computed (59.6%)",
                            "KV cache  4.0 MiB of 16.0 MiB as f16 (25.0%), peak 8.0 MiB, cold 1.0 MiB, moved 1.0 MiB",
                            "answer    8 tokens in 2 forward passes",
                            "time      first token after 120 ms, then 10.00 ms a token");
            assertThat(receipt.kvBytesHot()).isEqualTo(3 << 20);
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void whatDidNotHappenIsNotSaid() {
        ReceiptRecorder nothing = new ReceiptRecorder(0);
        nothing.prompt(1, 1);
        assertThat(nothing.receipt().lines()).containsExactly("prompt    1 token");
        assertThat(nothing.receipt().toMap()).doesNotContainKeys("ttftMs", "tptMs", "kernels");
    }
}
