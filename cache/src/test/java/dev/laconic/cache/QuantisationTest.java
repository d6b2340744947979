package dev.laconic.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.laconic.kernels.KvType;
import dev.laconic.model.Model;
import dev.laconic.model.Sequence;
import dev.laconic.model.kv.HeadCache;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QuantisationTest {
    private final Model model = Tiny.model("vector");

    @Test
    void pagesThatLeaveTheWindowAreSealed() {
        try (Sequence sequence = Tiny.sequence(model, new Kivi(4, 0, 100, 32, When.PROMPT_END))) {
            Tiny.prefill(model, sequence, Tiny.text(250), 70);
            HeadCache head = sequence.cache().head(2, 0);
            assertThat(head.page(0).format().keys()).isEqualTo(KvType.CHANNEL_4);
            assertThat(head.page(1).format().values()).isEqualTo(KvType.TOKEN_4);
            assertThat(head.page(2).format()).isEqualTo(head.format());
            Tiny.decode(model, sequence, Tiny.text(50));
            assertThat(head.page(2).format().keys()).isEqualTo(KvType.CHANNEL_4);
            assertThat(head.page(3).format()).isEqualTo(head.format());
        }
    }

    /** A page that is sealed takes no more entries: one for each token would take more bytes than no quantisation. */
    @Test
    void theAnswerIsSealedInWholePages() {
        try (Sequence sequence = Tiny.sequence(model, new Rotation(4, 0, 0, When.PROMPT_END))) {
            Tiny.prefill(model, sequence, Tiny.text(64), 64);
            Tiny.decode(model, sequence, Tiny.text(70));
            HeadCache head = sequence.cache().head(1, 0);
            assertThat(head.pageCount()).isEqualTo(3);
            assertThat(head.page(1).format()).isNotEqualTo(head.format());
            assertThat(head.pageSize(2)).isEqualTo(6);
        }
    }

    /** Where that saves half: what is sealed has scales of its own. */
    @Test
    void theEndOfThePromptIsSealedToo() {
        try (Sequence sequence = Tiny.sequence(model, new Rotation(2, 0, 0, When.PROMPT_END))) {
            Tiny.prefill(model, sequence, Tiny.text(93), 64);
            HeadCache head = sequence.cache().head(1, 0);
            assertThat(head.pageCount()).isEqualTo(2);
            assertThat(head.isOpen(1)).isFalse();
            assertThat(head.page(1).format().entriesPerPage()).isEqualTo(32);
            Tiny.decode(model, sequence, Tiny.text(9));
            assertThat(head.pageSize(2)).isEqualTo(9);
            assertThat(head.page(2).format()).isEqualTo(head.format().withRoom(16));
        }
        try (Sequence sequence = Tiny.sequence(model, new Gear(2, 0, Gear.Parts.ALL, Gear.Of.BOTH, 0, When.PROMPT_END))) {
            Tiny.prefill(model, sequence, Tiny.text(66), 64);
            HeadCache head = sequence.cache().head(1, 0);
            assertThat(head.isOpen(1)).isTrue();
            assertThat(head.page(1).format()).isEqualTo(head.format().withRoom(8));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4, 8})
    void moreBitsComeNearerToTheWholeCache(int bits) {
        double few = distance(new Rotation(bits, 0, 0, When.PROMPT_END));
        double channels = distance(new Kivi(bits, 0, 0, 32, When.PROMPT_END));
        double bound = bits == 8 ? 0.02 : bits == 4 ? 0.6 : 4;
        assertThat(few).isBetween(1e-6, bound);
        assertThat(channels).isBetween(1e-6, bound);
    }

    private double distance(KvPolicy technique) {
        int[] text = Tiny.text(200);
        try (Sequence plain = model.newSequence();
                Sequence sequence = Tiny.sequence(model, technique)) {
            Tiny.prefill(model, plain, text, 100);
            Tiny.prefill(model, sequence, text, 100);
            float[] expected = Tiny.decode(model, plain, Arrays.copyOf(text, 5));
            float[] found = Tiny.decode(model, sequence, Arrays.copyOf(text, 5));
            double sum = 0;
            for (int i = 0; i < found.length; i++) sum += Math.pow(found[i] - expected[i], 2);
            return Math.sqrt(sum / found.length);
        }
    }

    /** Bytes to f16, of pages that are full. */
    @Test
    void bytesFallWithBits() {
        assertThat(share(new Kivi(2, 0, 0, 32, When.PROMPT_END))).isLessThan(0.5);
        assertThat(share(new Rotation(4, 0, 0, When.PROMPT_END))).isLessThan(0.7);
    }

    /** As papers find: what is lost of a key moves attention, what is lost of a value moves only what it brings. */
    @Test
    void bitsAreWorthMoreInKeysThanInValues() {
        double both = distance(new Rotation(4, 0, 0, When.PROMPT_END));
        double keys = distance(new Rotation(4, 2, 0, When.PROMPT_END));
        assertThat(keys).isBetween(both, distance(new Rotation(2, 0, 0, When.PROMPT_END)));
        assertThat(share(new Rotation(4, 2, 0, When.PROMPT_END)))
                .isLessThan(share(new Rotation(4, 0, 0, When.PROMPT_END)));
        try (Sequence sequence = Tiny.sequence(model, new Kivi(4, 2, 0, 32, When.PROMPT_END))) {
            Tiny.prefill(model, sequence, Tiny.text(64), 64);
            assertThat(sequence.cache().head(0, 0).page(0).format().keys()).isEqualTo(KvType.CHANNEL_4);
            assertThat(sequence.cache().head(0, 0).page(0).format().values()).isEqualTo(KvType.TOKEN_2);
        }
    }

    /** Neither low rank nor single elements come for nothing. */
    @Test
    void gearsPartsTakeBytes() {
        double all = share(new Gear(2, 0, Gear.Parts.ALL, Gear.Of.BOTH, 0, When.PROMPT_END));
        assertThat(share(new Gear(2, 0, Gear.Parts.LOW_RANK, Gear.Of.BOTH, 0, When.PROMPT_END))).isLessThan(all);
        assertThat(share(new Gear(2, 0, Gear.Parts.SPARSE, Gear.Of.BOTH, 0, When.PROMPT_END))).isLessThan(all);
        assertThat(distance(new Gear(4, 0, Gear.Parts.ALL, Gear.Of.BOTH, 0, When.PROMPT_END)))
                .isLessThan(distance(new Gear(2, 0, Gear.Parts.ALL, Gear.Of.BOTH, 0, When.PROMPT_END)));
        Gear values = new Gear(4, 2, Gear.Parts.RANK_ONE, Gear.Of.VALUES, 0, When.PROMPT_END);
        assertThat(share(values)).isLessThan(share(new Gear(4, 2, Gear.Parts.LOW_RANK, Gear.Of.VALUES, 0, When.PROMPT_END)));
    }

    private double share(KvPolicy technique) {
        try (Sequence plain = model.newSequence();
                Sequence sequence = Tiny.sequence(model, technique)) {
            Tiny.prefill(model, plain, Tiny.text(256), 64);
            Tiny.prefill(model, sequence, Tiny.text(256), 64);
            return (double) sequence.cache().bytes() / plain.cache().bytes();
        }
    }
}
