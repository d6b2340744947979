package dev.laconic.cache;

import dev.laconic.core.error.UsageException;
import dev.laconic.kernels.Rope;
import dev.laconic.model.Model;
import dev.laconic.model.Sequence;
import dev.laconic.model.block.Attention;
import dev.laconic.model.kv.KvCache;
import dev.laconic.tokenize.Tokenizer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Where a technique works: one sequence of one model, and the allocators of its chain.
 *
 * @param technique the technique's name, for messages
 * @param tokenizer the model's, where it is known
 * @param found what techniques found out about the model, for all its sequences
 */
public record CacheContext(
        String technique, Model model, Sequence sequence, List<KvAllocator> allocators, Optional<Tokenizer> tokenizer,
        Map<Object, Object> found) {

    public CacheContext {
        allocators = List.copyOf(allocators);
    }

    /**
     * What is found out about the model once and serves all sequences of a stage.
     *
     * @param key whose it is; equal techniques share it
     */
    @SuppressWarnings("unchecked")
    public <T> T once(Object key, Supplier<T> find) {
        return (T) found.computeIfAbsent(key, of -> find.get());
    }

    public KvCache cache() {
        return sequence.cache();
    }

    public int layers() {
        return model.layers();
    }

    /** The attention of a layer, if it has a cache. */
    public Optional<Attention.Spec> attention(int layer) {
        return model.architecture().attentions().stream()
                .filter(spec -> spec.layer() == layer)
                .findFirst();
    }

    /** KV heads of a layer; none where it has no cache. */
    public int heads(int layer) {
        return cache().heads(layer);
    }

    /** Query heads that share a KV head of a layer. */
    public int group(int layer) {
        return attention(layer).map(spec -> spec.queryHeads() / spec.kvHeads()).orElse(1);
    }

    /**
     * The rotation of a layer's keys.
     *
     * @throws UsageException if it has none
     */
    public Rope rope(int layer) {
        return model.architecture().rope(layer).orElseThrow(() -> new UsageException(
                technique + ": needs rotary positions in every layer; " + model.parameters().architecture()
                        + " has none in layer " + layer));
    }

    /** KV heads of all layers together. */
    public int allHeads() {
        int heads = 0;
        for (int layer = 0; layer < layers(); layer++) heads += heads(layer);
        return heads;
    }
}
