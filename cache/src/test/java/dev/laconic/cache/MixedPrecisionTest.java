package dev.laconic.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.laconic.core.Budget;
import dev.laconic.kernels.KvType;
import dev.laconic.model.Model;
import dev.laconic.model.Sequence;
import dev.laconic.model.kv.HeadCache;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MixedPrecisionTest {
    private final Model model = Tiny.model("vector");

    @Test
    void zipCacheStoresSalientEntriesInMoreBits() {
        try (Sequence sequence = Tiny.sequence(model, new ZipCache(4, 2, 0, 0, 0.6, 0.1, 20))) {
            Tiny.prefill(model, sequence, Tiny.text(200), 64);
            HeadCache head = sequence.cache().head(1, 0);
            assertThat(entries(head))
                    .containsExactly(
                            Map.entry(KvType.F16, 8), Map.entry(KvType.LONG_CHANNEL_4, 128), Map.entry(KvType.LONG_CHANNEL_2, 64));
            assertThat(head.page(3).format().entriesPerPage()).isEqualTo(8);
            assertThat(Tiny.positions(head)).containsExactlyInAnyOrder(IntStream.range(0, 200).toArray());
            Tiny.decode(model, sequence, Tiny.text(60));
            assertThat(entries(head))
                    .containsExactly(
                            Map.entry(KvType.F16, 4), Map.entry(KvType.LONG_CHANNEL_4, 192), Map.entry(KvType.LONG_CHANNEL_2, 64));
        }
    }

    @Test
    void mikvKeepsAtLowBitsWhatOthersEvict() {
        try (Sequence sequence = Tiny.sequence(model, new Mikv(Budget.count(40), 16, 2, 0, 0, 0.5));
                Sequence packed = Tiny.sequence(model, new Mikv(Budget.count(70), 8, 2, 0, 0, 0.5))) {
            Tiny.prefill(model, sequence, Tiny.text(200), 64);
            HeadCache head = sequence.cache().head(2, 1);
            assertThat(entries(head)).containsExactly(Map.entry(KvType.F16, 40), Map.entry(KvType.SEPARABLE_2, 160));
            assertThat(Tiny.positions(head)).endsWith(IntStream.range(180, 200).toArray());
            Tiny.decode(model, sequence, Tiny.text(70));
            assertThat(entries(head)).containsExactly(Map.entry(KvType.F16, 46), Map.entry(KvType.SEPARABLE_2, 224));
            Tiny.prefill(model, packed, Tiny.text(200), 64);
            assertThat(entries(packed.cache().head(0, 0)))
                    .containsExactly(
                            Map.entry(KvType.F16, 8), Map.entry(KvType.SEPARABLE_8, 64), Map.entry(KvType.SEPARABLE_2, 128));
            // What is in few bits for good has no attention gathered any more.
            assertThat(packed.hooks().hotBytes()).isEqualTo(4L * 6 * (72 + 16));
        }
    }

    @Test
    void mikvPacksValuesAlone() {
        try (Sequence sequence = Tiny.sequence(model, new Mikv(Budget.count(70), 16, 16, 8, 2, 0.5))) {
            Tiny.prefill(model, sequence, Tiny.text(200), 64);
            HeadCache head = sequence.cache().head(0, 0);
            assertThat(entries(head)).containsExactly(Map.entry(KvType.F16, 200));
            assertThat(head.page(0).format().values()).isEqualTo(KvType.VECTOR_2);
            assertThat(head.page(2).format().values()).isEqualTo(KvType.VECTOR_8);
        }
    }

    @Test
    void mikvWantsFewerBitsForWhatMattersLess() {
        assertThatThrownBy(() -> new Mikv(Budget.count(4), 4, 8, 0, 0, 0.5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("low");
    }

    private static Map<KvType, Integer> entries(HeadCache head) {
        Map<KvType, Integer> entries = new EnumMap<>(KvType.class);
        for (int page = 0; page < head.pageCount(); page++)
            entries.merge(head.page(page).format().keys(), head.pageSize(page), Integer::sum);
        return entries;
    }
}
