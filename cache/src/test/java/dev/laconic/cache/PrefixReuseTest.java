package dev.laconic.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.laconic.cache.store.DiskStore;
import dev.laconic.cache.store.KvStore;
import dev.laconic.cache.store.MemoryStore;
import dev.laconic.core.ReceiptRecorder;
import dev.laconic.core.Budget;
import dev.laconic.core.technique.Pipeline;
import dev.laconic.model.Model;
import dev.laconic.model.Sequence;
import dev.laconic.model.generate.Prompt;
import dev.laconic.model.generate.PromptCache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrefixReuseTest {
    private static final int[] ANSWER = {4, 5, 6, 7, 8};

    private final Model model = Tiny.model("scalar");

    /** The tokens that were not computed, and the logits of prompt and answer. */
    private record Run(int reused, float[] first, float[] answer) {}

    private Run run(KvStore store, Prompt prompt, Object... techniques) {
        CacheStage stage = CacheStage.of(Pipeline.of(techniques), model);
        PromptCache cache = store == KvStore.NONE ? PromptCache.NONE : stage.reuse(store);
        try (Sequence sequence = stage.attach(model.newSequence())) {
            PromptCache.Filled filled =
                    cache.fill(prompt, 0, sequence, model.newState(), new ReceiptRecorder(3), () -> false);
            sequence.prefill(prompt.length(), true);
            int[] rest = Arrays.copyOfRange(prompt.ids(), filled.tokens(), prompt.length());
            float[] first = Tiny.step(model, sequence, rest);
            cache.keep(prompt, sequence);
            sequence.decode();
            return new Run(filled.reused(), first, Tiny.decode(model, sequence, ANSWER));
        }
    }

    private static void assertSame(Run found, Run expected) {
        assertThat(found.first).isEqualTo(expected.first);
        assertThat(found.answer).isEqualTo(expected.answer);
    }

    private static Prompt prompt(int common, int ending) {
        int[] ids = Arrays.copyOf(Tiny.text(common), common + 40);
        Arrays.fill(ids, common, ids.length, ending);
        return Prompt.of(ids);
    }

    @Test
    void promptsThatBeginAlikeComputeThatOnce(@TempDir Path folder) {
        Run expected = run(KvStore.NONE, prompt(150, 1));
        for (KvStore store : List.of(
                new MemoryStore(1 << 30), new DiskStore(folder), new MemoryStore(1 << 30, new DiskStore(folder)))) {
            run(store, prompt(150, 2));
            Run found = run(store, prompt(150, 1));
            assertThat(found.reused).isEqualTo(128);
            assertSame(found, expected);
            assertThat(run(store, prompt(150, 1)).reused).isEqualTo(128);
            assertThat(run(store, Prompt.of(9, 9, 9)).reused).isZero();
        }
    }

    @Test
    void aPromptThatIsKnownToItsEndStillComputesItsLastTokens() {
        MemoryStore store = new MemoryStore(1 << 30);
        Prompt whole = Prompt.of(Tiny.text(128));
        Run expected = run(store, whole);
        Run found = run(store, whole);
        assertThat(found.reused).isEqualTo(64);
        assertSame(found, expected);
    }

    @Test
    void techniquesOnOneBeginningDoNotDisturbEachOther() {
        Prompt prompt = prompt(150, 3);
        Kivi kivi = new Kivi(2, 0, 16, 32, When.PROMPT_END);
        SnapKv snap = new SnapKv(Budget.count(50), 16, 5, Pooling.MAX, When.PROMPT_END);
        Run evicted = run(KvStore.NONE, prompt, snap);
        Run plain = run(KvStore.NONE, prompt);
        Run packed = run(KvStore.NONE, prompt, kivi);
        assertThat(packed.answer).isNotEqualTo(plain.answer);
        try (MemoryStore store = new MemoryStore(1 << 30)) {
            run(store, prompt, kivi);
            assertThat(store.size()).isZero();
            assertSame(run(store, prompt), plain);
            int kept = store.size();
            for (int i = 0; i < 2; i++) {
                Run reused = run(store, prompt, kivi);
                assertThat(reused.reused).isEqualTo(128);
                assertSame(reused, packed);
                assertSame(run(store, prompt, snap), evicted);
                assertSame(run(store, prompt), plain);
            }
            assertThat(store.size()).isEqualTo(kept);
        }
        assertThat(model.pool().bytesHeld()).isZero();
    }

    @Test
    void sequencesAtWorkShareTheirBeginning() {
        CacheStage stage = CacheStage.of(Pipeline.of(), model);
        try (MemoryStore store = new MemoryStore(1 << 30)) {
            run(store, prompt(128, 3));
            long held = model.pool().bytesHeld();
            try (Sequence one = model.newSequence();
                    Sequence two = model.newSequence()) {
                for (Sequence sequence : List.of(one, two))
                    stage.reuse(store)
                            .fill(prompt(128, 3), 0, sequence, model.newState(), new ReceiptRecorder(3), () -> false);
                assertThat(one.length()).isEqualTo(128);
                assertThat(model.pool().bytesHeld()).isEqualTo(held);
                one.truncate(70);
                assertThat(Tiny.step(model, one, 9)).isNotEqualTo(Tiny.step(model, two, 9));
            }
            assertSame(run(store, prompt(128, 3)), run(KvStore.NONE, prompt(128, 3)));
        }
    }

    @Test
    void aConversationThatGoesOnElsewhereIsTakenUpThere() {
        MemoryStore store = new MemoryStore(1 << 30);
        Prompt prompt = prompt(200, 3);
        run(store, prompt);
        try (Sequence sequence = model.newSequence()) {
            Tiny.prefill(model, sequence, Arrays.copyOf(prompt.ids(), 100), 100);
            PromptCache.Filled filled = CacheStage.of(Pipeline.of(), model)
                    .reuse(store)
                    .fill(prompt, 100, sequence, model.newState(), new ReceiptRecorder(3), () -> false);
            assertThat(filled.tokens()).isEqualTo(192);
            float[] found = Tiny.step(model, sequence, Arrays.copyOfRange(prompt.ids(), 192, 240));
            assertThat(found).isEqualTo(run(KvStore.NONE, prompt).first);
        }
    }

    @Test
    void aDamagedBlockEndsWhatIsReused(@TempDir Path folder) throws IOException {
        DiskStore store = new DiskStore(folder);
        Run expected = run(store, prompt(150, 1));
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                byte[] bytes = Files.readAllBytes(file);
                bytes[bytes.length / 2] ^= 4;
                Files.write(file, bytes);
            }
        }
        Run found = run(store, prompt(150, 1));
        assertThat(found.reused).isZero();
        assertSame(found, expected);
        assertThat(run(store, prompt(150, 1)).reused).isPositive();
    }

    @Test
    void techniquesSeeWhatTheyMustSee() {
        MemoryStore store = new MemoryStore(1 << 30);
        Prompt prompt = prompt(150, 3);
        run(store, prompt);
        SnapKv snap = new SnapKv(Budget.count(50), 100, 5, Pooling.MAX, When.PROMPT_END);
        Run found = run(store, prompt, snap);
        assertThat(found.reused).isEqualTo(64);
        assertSame(found, run(KvStore.NONE, prompt, snap));
        assertThat(run(store, prompt, new H2o(Budget.count(50), 0.5, When.ALWAYS)).reused).isZero();
    }
}
