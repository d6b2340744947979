package dev.laconic.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.laconic.core.error.UsageException;
import dev.laconic.model.Model;
import dev.laconic.model.Sequence;
import dev.laconic.model.kv.HeadCache;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MiniCacheTest {
    private static final int DIMENSION = 16;

    private final Model model = Tiny.model("scalar");

    @Test
    void aPairOfLayersHoldsDirectionsOnceAndItsOwnLengths() {
        int[] text = Tiny.text(200);
        try (Sequence plain = model.newSequence();
                Sequence sequence = Tiny.sequence(model, new MiniCache(0.4, 0.6, 0.05, 16, 0, When.PROMPT_END))) {
            Tiny.prefill(model, plain, text, 70);
            Tiny.prefill(model, sequence, text, 70);
            HeadCache lower = sequence.cache().head(1, 0);
            HeadCache upper = sequence.cache().head(2, 0);
            HeadCache plainLower = plain.cache().head(1, 0);
            HeadCache plainUpper = plain.cache().head(2, 0);
            assertThat(sequence.cache().head(0, 0).page(0).storage()).isSameAs(sequence.cache().head(0, 0).page(0));
            int shared = 0;
            for (int p = 0; p < lower.pageCount(); p++)
                if (lower.page(p).format().paired()) {
                    assertThat(upper.page(p).storage()).isSameAs(lower.page(p));
                    shared += lower.pageSize(p);
                }
            assertThat(shared).isEqualTo(192);
            assertThat(Tiny.positions(lower)).containsExactlyInAnyOrder(IntStream.range(0, 200).toArray());
            for (int entry = 0; entry < 200; entry++) {
                int position = lower.position(entry);
                assertThat(upper.position(entry)).isEqualTo(position);
                float[] a = value(plainLower, position);
                float[] b = value(plainUpper, position);
                if (entry >= shared) {
                    assertThat(value(lower, entry)).isEqualTo(a);
                    assertThat(value(upper, entry)).isEqualTo(b);
                    continue;
                }
                double omega = angle(a, b);
                double first = Math.sin(0.4 * omega) / Math.sin(omega) / length(a);
                double second = Math.sin(0.6 * omega) / Math.sin(omega) / length(b);
                for (int c = 0; c < DIMENSION; c++) {
                    double direction = first * a[c] + second * b[c];
                    assertThat((double) value(lower, entry)[c]).isCloseTo(direction * length(a), within(4e-3 * length(a)));
                    assertThat((double) value(upper, entry)[c]).isCloseTo(direction * length(b), within(4e-3 * length(b)));
                }
            }
        }
    }

    @Test
    void tokensThatDifferMostAreRetained() {
        int[] text = Tiny.text(200);
        try (Sequence plain = model.newSequence();
                Sequence sequence = Tiny.sequence(model, new MiniCache(0.4, 0.6, 0.2, 16, 0, When.PROMPT_END))) {
            Tiny.prefill(model, plain, text, 200);
            Tiny.prefill(model, sequence, text, 200);
            HeadCache held = sequence.cache().head(1, 1);
            double[] angles = IntStream.range(0, 200)
                    .mapToDouble(i -> angle(value(plain.cache().head(1, 1), i), value(plain.cache().head(2, 1), i)))
                    .toArray();
            double most = IntStream.range(0, 200).mapToDouble(i -> angles[i]).max().orElseThrow();
            double least = IntStream.range(0, 200).mapToDouble(i -> angles[i]).min().orElseThrow();
            for (int entry = 0; entry < held.size(); entry++)
                if (held.page(held.pageOf(entry)).format().paired())
                    assertThat(angles[held.position(entry)]).isLessThanOrEqualTo(most - 0.2 * (most - least));
        }
    }

    @Test
    void bytesShrinkByWhatIsShared() {
        try (Sequence plain = model.newSequence();
                Sequence sixteen = Tiny.sequence(model, new MiniCache(0.4, 0.6, 0, 16, 0, When.PROMPT_END));
                Sequence four = Tiny.sequence(model, new MiniCache(0.4, 0.6, 0, 4, 0, When.PROMPT_END))) {
            for (Sequence sequence : new Sequence[] {plain, sixteen, four})
                Tiny.prefill(model, sequence, Tiny.text(256), 64);
            long page = plain.cache().head(0, 0).page(0).bytes();
            assertThat(plain.cache().bytes()).isEqualTo(24 * page);
            // Two of three layers hold 4 pages for both, with four lengths more an entry.
            assertThat(sixteen.cache().bytes()).isEqualTo(16 * page + 8 * 64 * 4 * 2);
            assertThat(four.cache().bytes()).isLessThan(sixteen.cache().bytes() - 2 * page);
        }
        assertThat(model.pool().bytesHeld()).isZero();
    }

    /** Whichever layer loses its entries first, the other keeps them and their bytes count on. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aLayerMayLetGoOfWhatTheOtherKeeps(int layer) {
        Sequence sequence = Tiny.sequence(model, new MiniCache(0.4, 0.6, 0, 16, 0, When.PROMPT_END));
        Tiny.prefill(model, sequence, Tiny.text(128), 64);
        Sequence fork = sequence.fork();
        float[] before = value(sequence.cache().head(3 - layer, 0), 5);
        long bytes = sequence.cache().bytes();
        sequence.cache().head(layer, 0).truncateTo(0);
        assertThat(sequence.cache().bytes()).isEqualTo(bytes);
        assertThat(value(sequence.cache().head(3 - layer, 0), 5)).isEqualTo(before);
        sequence.cache().head(3 - layer, 0).truncateTo(0);
        assertThat(sequence.cache().bytes()).isLessThan(bytes);
        assertThat(fork.cache().bytes()).isEqualTo(bytes).isEqualTo(model.pool().bytesHeld());
        sequence.close();
        assertThat(value(fork.cache().head(3 - layer, 0), 5)).isEqualTo(before);
        fork.close();
        assertThat(model.pool().bytesHeld()).isZero();
        assertThat(model.pool().pagesHeld()).isZero();
    }

    /** A page that one layer moves to a file is its own; one that both do is nobody's in memory. */
    @Test
    void aLayerMayMoveItsPagesToAFile() {
        try (Sequence sequence = Tiny.sequence(model, new MiniCache(0.4, 0.6, 0, 16, 0, When.PROMPT_END))) {
            Tiny.prefill(model, sequence, Tiny.text(128), 64);
            HeadCache lower = sequence.cache().head(1, 0);
            HeadCache upper = sequence.cache().head(2, 0);
            assertThat(upper.page(0).storage()).isSameAs(lower.page(0));
            float[] ofLower = value(lower, 5);
            float[] ofUpper = value(upper, 5);
            long bytes = sequence.cache().bytes();
            long page = lower.page(0).bytes();
            upper.offload(0);
            assertThat(sequence.cache().bytes()).isEqualTo(bytes + page).isEqualTo(Tiny.pageBytes(sequence.cache()));
            assertThat(sequence.cache().coldBytes()).isEqualTo(page);
            lower.offload(0);
            assertThat(sequence.cache().bytes()).isEqualTo(bytes + page);
            assertThat(sequence.cache().coldBytes()).isEqualTo(2 * page).isEqualTo(model.pool().coldBytesHeld());
            assertThat(value(lower, 5)).isEqualTo(ofLower);
            assertThat(value(upper, 5)).isEqualTo(ofUpper);
        }
        assertThat(model.pool().coldBytesHeld()).isZero();
        assertThat(model.pool().bytesHeld()).isZero();
        assertThat(model.pool().pagesHeld()).isZero();
    }

    @Test
    void theAnswerIsMergedAPageAtATime() {
        try (Sequence sequence = Tiny.sequence(model, new MiniCache(0.4, 0.6, 0.05, 16, 10, When.PROMPT_END))) {
            Tiny.prefill(model, sequence, Tiny.text(20), 20);
            Tiny.decode(model, sequence, Tiny.text(200));
            HeadCache held = sequence.cache().head(2, 1);
            assertThat(held.size()).isEqualTo(220);
            assertThat(held.page(0).format().paired()).isTrue();
            assertThat(held.page(held.pageCount() - 1).format()).isEqualTo(held.format());
            assertThat(sequence.cache().bytes()).isEqualTo(Tiny.pageBytes(sequence.cache()));
        }
    }

    @Test
    void aDepthWithoutPairsIsRefused() {
        assertThatThrownBy(() -> Tiny.sequence(model, new MiniCache(1, 0.6, 0.05, 16, 0, When.PROMPT_END)))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("minicache")
                .hasMessageContaining("3 layers");
    }

    private static float[] value(HeadCache head, int entry) {
        float[] value = new float[DIMENSION];
        head.readValue(entry, value, 0);
        return value;
    }

    private static double length(float[] x) {
        double sum = 0;
        for (float each : x) sum += each * each;
        return Math.sqrt(sum);
    }

    private static double angle(float[] a, float[] b) {
        double product = 0;
        for (int c = 0; c < a.length; c++) product += a[c] * b[c];
        return Math.acos(product / length(a) / length(b));
    }
}
