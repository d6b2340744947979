package dev.laconic.cache;

import dev.laconic.cache.store.KvStore;
import dev.laconic.core.error.UsageException;
import dev.laconic.core.technique.Need;
import dev.laconic.core.technique.Pipeline;
import dev.laconic.core.technique.TechniqueInfo;
import dev.laconic.core.technique.Techniques;
import dev.laconic.model.Mask;
import dev.laconic.model.Model;
import dev.laconic.model.Sequence;
import dev.laconic.model.SequenceHooks;
import dev.laconic.model.generate.PromptCache;
import dev.laconic.tokenize.Tokenizer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The cache techniques of a pipeline, for one model.
 *
 * <pre>{@code
 * Pipeline pipeline = Pipeline.of(new SnapKv(Budget.count(256), 32, 7, Pooling.MAX, When.PROMPT_END),
 *         new Kivi(4, 0, 128, When.PROMPT_END));
 * CacheStage stage = CacheStage.of(pipeline, model);
 * try (Session session = new Session(model, tokenizer, stage.attach(model.newSequence()))) { ... }
 * }</pre>
 */
public final class CacheStage {
    private static final Set<Need> OFFERED =
            EnumSet.of(Need.ATTENTION_PROBABILITIES, Need.ATTENTION_SCORES, Need.QUERY_WINDOW);

    private final Model model;
    private final List<CacheTechnique> chain;
    private final List<KvAllocator> allocators;
    private final Optional<KvReuse> reuse;
    private final Optional<Tokenizer> tokenizer;
    private final Map<Object, Object> found = new ConcurrentHashMap<>();

    private CacheStage(
            Model model, List<CacheTechnique> chain, List<KvAllocator> allocators, Optional<KvReuse> reuse,
            Optional<Tokenizer> tokenizer) {
        this.model = model;
        this.chain = chain;
        this.reuse = reuse;
        this.allocators = allocators;
        this.tokenizer = tokenizer;
    }

    /**
     * The stage of a pipeline, for techniques that need no tokenizer.
     *
     * @throws UsageException if they do not go together, or need what is not there
     */
    public static CacheStage of(Pipeline pipeline, Model model) {
        return of(pipeline, model, Optional.empty());
    }

    /**
     * The stage of a pipeline.
     *
     * @param tokenizer the model's
     * @throws UsageException if its techniques do not go together, or need what is not there
     */
    public static CacheStage of(Pipeline pipeline, Model model, Tokenizer tokenizer) {
        return of(pipeline, model, Optional.of(tokenizer));
    }

    private static CacheStage of(Pipeline pipeline, Model model, Optional<Tokenizer> tokenizer) {
        List<KvSelector> selectors = pipeline.all(KvSelector.class);
        if (selectors.size() > 1)
            throw new UsageException("cache: " + name(selectors.get(0)) + " and " + name(selectors.get(1))
                    + " both choose what is attended to: a chain has at most one of these");
        List<KvReuse> reuses = pipeline.all(KvReuse.class);
        if (reuses.size() > 1)
            throw new UsageException("cache: " + name(reuses.get(0)) + " and " + name(reuses.get(1))
                    + " both fill a cache from a store: a chain has at most one of these");
        List<KvAllocator> allocators = pipeline.all(KvAllocator.class);
        if (!allocators.isEmpty() && pipeline.all(KvScorer.class).isEmpty())
            throw new UsageException("cache: " + name(allocators.getFirst())
                    + " shares out a budget, and no technique of the chain has one: put it beside one that evicts");
        List<CacheTechnique> chain = pipeline.all(CacheTechnique.class);
        for (CacheTechnique technique : chain)
            Techniques.installed().find(technique.getClass()).ifPresent(info -> require(info, tokenizer));
        Optional<KvReuse> reuse = reuses.isEmpty() ? Optional.empty() : Optional.of(reuses.getFirst());
        return new CacheStage(model, chain, allocators, reuse, tokenizer);
    }

    private static void require(TechniqueInfo info, Optional<Tokenizer> tokenizer) {
        for (Need need : info.needs())
            if (!OFFERED.contains(need) && !(need == Need.TOKENIZER && tokenizer.isPresent()))
                throw new UsageException(info + ": needs " + need.id() + ", which is not there");
    }

    private static String name(CacheTechnique technique) {
        return Techniques.installed()
                .find(technique.getClass())
                .map(TechniqueInfo::id)
                .orElse(technique.getClass().getSimpleName());
    }

    /** Whether there is any technique at all. */
    public boolean isEmpty() {
        return chain.isEmpty();
    }

    /**
     * Has the techniques watch a sequence and returns it.
     *
     * @throws UsageException if the model is not one that they work with
     */
    public Sequence attach(Sequence sequence) {
        List<SequenceHooks> hooks = new ArrayList<>();
        for (CacheTechnique technique : chain) hooks.add(technique.start(context(technique, sequence)));
        sequence.hooks(HookChain.of(hooks));
        return sequence;
    }

    /** The first row of a prompt that must be computed in a sequence that this stage watches. */
    public int firstRow(int promptLength) {
        return chain.stream().mapToInt(technique -> technique.firstRow(promptLength)).min().orElse(promptLength);
    }

    /**
     * Makes sure that the techniques miss nothing where a prompt is computed from {@code row} on.
     *
     * @throws UsageException if one must see what is before
     */
    void requireFirstRow(int row, int promptLength) {
        for (CacheTechnique technique : chain)
            if (technique.firstRow(promptLength) < row)
                throw new UsageException("cache: " + name(technique) + " must see the prompt from token "
                        + technique.firstRow(promptLength) + " on, and " + blends().orElse("the store")
                        + " leaves it those from " + row + " on: take one of them");
    }

    /** The model whose sequences are watched. */
    Model model() {
        return model;
    }

    /** The technique that puts prompts together from passages, if the chain has one. */
    public Optional<String> blends() {
        return reuse.map(CacheStage::name);
    }

    /**
     * What sessions take from a store, and leave there: whole beginnings of prompts, or what the chain's own technique for
     * this makes of it.
     *
     * @throws UsageException if a token's keys and values depend on what comes after it
     */
    public PromptCache reuse(KvStore store) {
        if (model.architecture().mask() != Mask.CAUSAL)
            throw new UsageException("cache: keys and values cannot be used again: in "
                    + model.parameters().architecture() + " they depend on what comes after them");
        return reuse.isPresent() ? reuse.get().over(store, this) : new PrefixReuse(store, this);
    }

    /** A fork of a sequence that this stage watches, in which the techniques go on where they stand. */
    public Sequence fork(Sequence watched) {
        List<SequenceHooks> origins = HookChain.parts(watched.hooks(), chain.size());
        if (origins.size() != chain.size())
            throw new IllegalArgumentException("the sequence is not watched by the techniques of this stage");
        Sequence copy = watched.fork();
        List<SequenceHooks> hooks = new ArrayList<>();
        for (int i = 0; i < chain.size(); i++)
            hooks.add(chain.get(i).resume(context(chain.get(i), copy), origins.get(i)));
        copy.hooks(HookChain.of(hooks));
        return copy;
    }

    private CacheContext context(CacheTechnique technique, Sequence sequence) {
        return new CacheContext(name(technique), model, sequence, allocators, tokenizer, found);
    }
}
