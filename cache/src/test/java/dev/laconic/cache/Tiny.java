package dev.laconic.cache;

import dev.laconic.core.tensor.Tensor;
import dev.laconic.core.technique.Pipeline;
import dev.laconic.format.Metadata;
import dev.laconic.format.ModelFile;
import dev.laconic.kernels.KernelOptions;
import dev.laconic.kernels.Kernels;
import dev.laconic.kernels.KvType;
import dev.laconic.model.Logits;
import dev.laconic.model.Model;
import dev.laconic.model.Rows;
import dev.laconic.model.Sequence;
import dev.laconic.model.State;
import dev.laconic.model.kv.HeadCache;
import dev.laconic.model.kv.KvCache;
import dev.laconic.model.kv.Page;
import dev.laconic.testkit.TinyLlama;
import dev.laconic.tokenize.Tokenizer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.SplittableRandom;

/** A small random model and short ways to run it. */
final class Tiny {
    static final TinyLlama.Sizes SIZES = new TinyLlama.Sizes(3, 64, 4, 2, 80, 61, 512);

    private Tiny() {}

    private record InMemory(Metadata metadata, SequencedMap<String, Tensor> tensors) implements ModelFile {
        @Override
        public Path path() {
            return Path.of("tiny.gguf");
        }

        @Override
        public void close() {}
    }

    static Model model(String provider) {
        return model(provider, 1);
    }

    static Model model(String provider, int threads) {
        return model(provider, threads, TinyLlama.of(SIZES, 42));
    }

    private static Model model(String provider, int threads, TinyLlama tiny) {
        return Model.of(
                new InMemory(new Metadata("tiny llama", tiny.metadata()), tiny.tensors()),
                Kernels.of(KernelOptions.defaults().withProvider(provider).withThreads(threads)),
                Optional.empty());
    }

    /** A model in which one channel of a KV head has keys many times as large, before they are rotated. */
    static Model withHeavyChannel(int layer, int kvHead, int channel) {
        TinyLlama tiny = TinyLlama.of(SIZES, 42);
        Tensor keys = tiny.tensors().get("blk." + layer + ".attn_k.weight");
        int dimension = SIZES.width() / SIZES.heads();
        MemorySegment row = keys.data().asSlice((kvHead * dimension + channel) * keys.rowBytes(), keys.rowBytes());
        for (long at = 0; at < row.byteSize(); at += Float.BYTES)
            row.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at, 30 * row.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at));
        return model("scalar", 1, tiny);
    }

    static int[] text(int length) {
        return new SplittableRandom(5).ints(length, 0, SIZES.vocabulary()).toArray();
    }

    /** A stage that knows a tokenizer whose every seventh token is a full stop, all others being words. */
    static CacheStage stage(Model model, Object... techniques) {
        return CacheStage.of(Pipeline.of(techniques), model, tokenizer());
    }

    private static Tokenizer tokenizer() {
        return (Tokenizer) Proxy.newProxyInstance(
                Tiny.class.getClassLoader(), new Class<?>[] {Tokenizer.class}, (proxy, method, arguments) ->
                        switch (method.getName()) {
                            case "vocabularySize" -> SIZES.vocabulary();
                            case "decode" -> ((int[]) arguments[0])[0] % 7 == 0 ? ". " : " word";
                            default -> throw new UnsupportedOperationException(method.getName());
                        });
    }

    static Sequence sequence(Model model, Object... techniques) {
        return stage(model, techniques).attach(model.newSequence(KvType.F16, KvType.F16));
    }

    /** Computes a prompt in parts of {@code chunk} tokens and returns the last token's logits. */
    static float[] prefill(Model model, Sequence sequence, int[] ids, int chunk) {
        float[] last = {};
        for (int from = 0; from < ids.length; from += chunk) {
            int to = Math.min(ids.length, from + chunk);
            sequence.prefill(ids.length, to == ids.length);
            last = step(model, sequence, Arrays.copyOfRange(ids, from, to));
        }
        sequence.decode();
        return last;
    }

    /** Feeds tokens one by one and returns the logits of all. */
    static float[] decode(Model model, Sequence sequence, int... ids) {
        float[] all = new float[ids.length * model.vocabulary()];
        for (int i = 0; i < ids.length; i++)
            System.arraycopy(step(model, sequence, ids[i]), 0, all, i * model.vocabulary(), model.vocabulary());
        return all;
    }

    static float[] step(Model model, Sequence sequence, int... ids) {
        State state = model.embed(new Rows().append(sequence, ids, 0, ids.length, false));
        model.advance(state);
        Logits logits = model.project(state);
        return Arrays.copyOfRange(logits.values(), logits.offset(0), logits.offset(0) + logits.vocabulary());
    }

    /** Bytes of all pages of a cache, walked one by one; what two layers share counts once. */
    static long pageBytes(KvCache cache) {
        long bytes = 0;
        Set<Page> counted = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int layer = 0; layer < cache.layers(); layer++)
            for (int head = 0; head < cache.heads(layer); head++) {
                HeadCache entries = cache.head(layer, head);
                for (int page = 0; page < entries.pageCount(); page++)
                    if (counted.add(entries.page(page).storage())) bytes += entries.page(page).bytes();
            }
        return bytes;
    }

    static int[] positions(HeadCache entries) {
        int[] positions = new int[entries.size()];
        for (int i = 0; i < positions.length; i++) positions[i] = entries.position(i);
        return positions;
    }
}
