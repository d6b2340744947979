/**
 * Techniques that keep fewer bytes of keys and values, and what they are made of.
 *
 * <p>{@link dev.laconic.cache.CacheStage} attaches a pipeline's chain to a sequence. A technique is a
 * {@link dev.laconic.cache.KvPolicy}, which edits the cache; most are one of its short forms: a
 * {@link dev.laconic.cache.KvScorer} says what is evicted first, a {@link dev.laconic.cache.KvQuantiser} what is stored in
 * fewer bits. A {@link dev.laconic.cache.KvSelector} chooses what is attended to, and a
 * {@link dev.laconic.cache.KvAllocator} shares the budget of the chain's scorers out among layers and heads. A
 * {@link dev.laconic.cache.KvReuse} fills a cache from a {@link dev.laconic.cache.store.KvStore}.
 */
package dev.laconic.cache;
