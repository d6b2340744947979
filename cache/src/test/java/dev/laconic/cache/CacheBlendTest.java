package dev.laconic.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.laconic.cache.store.DiskStore;
import dev.laconic.cache.store.KvStore;
import dev.laconic.cache.store.MemoryStore;
import dev.laconic.core.Budget;
import dev.laconic.core.Receipt;
import dev.laconic.core.ReceiptRecorder;
import dev.laconic.core.error.UsageException;
import dev.laconic.core.technique.Pipeline;
import dev.laconic.model.Model;
import dev.laconic.model.Sequence;
import dev.laconic.model.generate.Prompt;
import dev.laconic.model.generate.PromptCache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheBlendTest {
    private static final long PLENTY = 1L << 30;
    private static final int[] HEAD = {1, 2, 3};
    private static final int[] QUESTION = {9, 8, 7, 6};

    private final Model model = Tiny.model("scalar");
    private final List<int[]> passages = new ArrayList<>();

    CacheBlendTest() {
        int[] text = Tiny.text(180);
        for (int[] cut : new int[][] {{0, 45}, {45, 109}, {109, 110}, {110, 180}})
            passages.add(Arrays.copyOfRange(text, cut[0], cut[1]));
    }

    /** The passages in an order of their own. */
    private Prompt prompt(long order) {
        List<int[]> pieces = new ArrayList<>(passages);
        Collections.shuffle(pieces, new Random(order));
        pieces.addFirst(HEAD);
        pieces.add(QUESTION);
        return Prompt.of(pieces);
    }

    /** What an answer began with, and what it took. */
    private record Answered(float[] logits, PromptCache.Filled filled, Receipt receipt) {}

    private Answered answer(Prompt prompt, Budget ratio, KvStore store) {
        CacheStage stage = CacheStage.of(Pipeline.of(new CacheBlend(ratio, 0.2)), model);
        ReceiptRecorder recorder = new ReceiptRecorder(model.layers());
        try (Sequence sequence = stage.attach(model.newSequence())) {
            PromptCache.Filled filled =
                    stage.reuse(store).fill(prompt, 0, sequence, model.newState(), recorder, () -> false);
            int[] rest = Arrays.copyOfRange(prompt.ids(), filled.tokens(), prompt.length());
            return new Answered(Tiny.step(model, sequence, rest), filled, recorder.receipt());
        }
    }

    /** Tokens of the passages that stand in another place than they were computed in. */
    private long behindTheFirst(long order) {
        Prompt prompt = prompt(order);
        return prompt.start(prompt.pieces() - 1) - prompt.start(2);
    }

    private float[] plain(Prompt prompt) {
        try (Sequence sequence = model.newSequence()) {
            return Tiny.prefill(model, sequence, prompt.ids(), prompt.length());
        }
    }

    private static double distance(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
        return Math.sqrt(sum);
    }

    @Test
    void allTokensComputedAgainGiveThePlainAnswerToTheBit(@TempDir Path folder) {
        for (KvStore store : List.of(new MemoryStore(PLENTY), new DiskStore(folder)))
            for (int order = 0; order < 3; order++) {
                Answered blended = answer(prompt(order), Budget.share(1), store);
                assertThat(blended.logits).isEqualTo(plain(prompt(order)));
                assertThat(blended.filled.reused()).isEqualTo(order == 0 ? 0 : 183);
            }
    }

    @Test
    void passagesOfManyBlocksGiveThePlainAnswerToo() {
        int[] text = Tiny.text(1300);
        Prompt prompt = Prompt.of(List.of(
                HEAD, Arrays.copyOfRange(text, 0, 100), Arrays.copyOfRange(text, 100, 750), Arrays.copyOfRange(text, 750, 1300),
                QUESTION));
        assertThat(answer(prompt, Budget.share(1), KvStore.NONE).logits).isEqualTo(plain(prompt));
        assertThat(answer(prompt, Budget.share(0.6), KvStore.NONE).receipt.rowsPerLayer())
                .isEqualTo(List.of(1303L + 1200, 1303L + 938, 1303L + 938));
    }

    @Test
    void aSinglePassageIsUsedAsItIs() {
        Prompt prompt = Prompt.of(List.of(HEAD, passages.getFirst(), QUESTION));
        MemoryStore store = new MemoryStore(PLENTY);
        answer(prompt, Budget.share(0.15), store);
        Answered again = answer(prompt, Budget.share(0.15), store);
        assertThat(again.receipt.rowsComputed()).isZero();
        assertThat(again.logits).isEqualTo(plain(prompt));
    }

    @Test
    void aFewTokensComputedAgainBringTheAnswerNearer() {
        MemoryStore store = new MemoryStore(PLENTY);
        answer(prompt(0), Budget.share(0), store);
        double[] far = new double[3];
        Budget[] ratios = {Budget.share(0), Budget.share(0.15), Budget.share(0.5)};
        for (int order = 1; order <= 4; order++)
            for (int i = 0; i < ratios.length; i++)
                far[i] += distance(answer(prompt(order), ratios[i], store).logits, plain(prompt(order)));
        assertThat(far[1]).isLessThan(far[0] * 0.8);
        assertThat(far[2]).isLessThan(far[1]);
    }

    @Test
    void fewerTokensAreComputedFromLayerToLayer() {
        MemoryStore store = new MemoryStore(PLENTY);
        Answered first = answer(prompt(0), Budget.share(0.15), store);
        Answered second = answer(prompt(1), Budget.share(0.15), store);
        assertThat(first.receipt.rowsPerLayer()).isEqualTo(List.of(183L + behindTheFirst(0), 183L + 34, 183L + 34));
        assertThat(second.receipt.rowsPerLayer()).isEqualTo(List.of(behindTheFirst(1), 34L, 34L));
        assertThat(answer(prompt(2), Budget.share(0), store).receipt.rowsComputed()).isZero();
        assertThat(answer(prompt(2), Budget.count(20), store).receipt.rowsPerLayer())
                .isEqualTo(List.of(behindTheFirst(2), 24L, 24L));
    }

    @Test
    void whatTheStoreKnewMakesNoDifference(@TempDir Path folder) {
        float[] unknown = answer(prompt(3), Budget.share(0.15), KvStore.NONE).logits;
        MemoryStore memory = new MemoryStore(PLENTY, new DiskStore(folder));
        answer(prompt(4), Budget.share(0.15), memory);
        assertThat(answer(prompt(3), Budget.share(0.15), memory).logits).isEqualTo(unknown);
        assertThat(answer(prompt(3), Budget.share(0.15), new MemoryStore(PLENTY, new DiskStore(folder))).logits)
                .isEqualTo(unknown);
        memory.close();
        assertThat(model.pool().bytesHeld()).isNotZero();
    }

    @Test
    void damagedPassagesAreComputedAgain(@TempDir Path folder) throws IOException {
        DiskStore store = new DiskStore(folder);
        float[] expected = answer(prompt(1), Budget.share(0.15), store).logits;
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                byte[] bytes = Files.readAllBytes(file);
                bytes[bytes.length - 3] ^= 1;
                Files.write(file, bytes);
            }
        }
        Answered again = answer(prompt(1), Budget.share(0.15), store);
        assertThat(again.logits).isEqualTo(expected);
        assertThat(again.filled.reused()).isZero();
        assertThat(answer(prompt(1), Budget.share(0.15), store).filled.reused()).isEqualTo(183);
    }

    @Test
    void cancelledWorkLeavesAnEmptySequenceAndNothingBehind() {
        CacheStage stage = CacheStage.of(Pipeline.of(new CacheBlend(Budget.share(0.15), 0.2)), model);
        int[] asked = {0};
        try (MemoryStore store = new MemoryStore(PLENTY);
                Sequence sequence = stage.attach(model.newSequence())) {
            PromptCache.Filled filled = stage.reuse(store)
                    .fill(prompt(0), 0, sequence, model.newState(), new ReceiptRecorder(3), () -> ++asked[0] > 6);
            assertThat(filled.tokens()).isZero();
            assertThat(sequence.length()).isZero();
            assertThat(sequence.cache().bytes()).isZero();
        }
        assertThat(model.pool().bytesHeld()).isZero();
    }

    @Test
    void promptsWithoutPassagesAreLeftAlone() {
        Answered answered = answer(Prompt.of(Tiny.text(50)), Budget.share(0.15), new MemoryStore(PLENTY));
        assertThat(answered.filled.tokens()).isZero();
        assertThat(answered.logits).isEqualTo(plain(Prompt.of(Tiny.text(50))));
    }

    @Test
    void techniquesThatWatchTheWholePromptAreRefused() {
        CacheStage stage = CacheStage.of(
                Pipeline.of(new CacheBlend(Budget.share(0.15), 0.2), new H2o(Budget.count(50), 0.5, When.PROMPT_END)), model);
        try (Sequence sequence = stage.attach(model.newSequence())) {
            assertThatThrownBy(() -> stage.reuse(KvStore.NONE)
                            .fill(prompt(0), 0, sequence, model.newState(), new ReceiptRecorder(3), () -> false))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("h2o must see the prompt from token 0")
                    .hasMessageContaining("cacheblend");
        }
    }
}
