package dev.laconic.cli;

import dev.laconic.cache.CacheStage;
import dev.laconic.cache.store.DiskStore;
import dev.laconic.cache.store.KvStore;
import dev.laconic.model.generate.PromptCache;
import dev.laconic.model.generate.Session;
import dev.laconic.model.load.LoadedModel;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where keys and values stay from one run to the next. */
final class StoreOptions {
    @Option(
            names = "--store",
            paramLabel = "DIR",
            description = "Keeps keys and values in this folder: what prompts begin with is computed once, and with"
                    + " cacheblend every passage.")
    Optional<Path> folder = Optional.empty();

    /** A session that the stage's techniques watch, and that takes from the store and leaves there what it can. */
    Session session(ModelOptions models, LoadedModel loaded, CacheStage stage) {
        PromptCache cache = PromptCache.NONE;
        if (folder.isPresent()) cache = stage.reuse(new DiskStore(folder.get()));
        else if (stage.blends().isPresent()) cache = stage.reuse(KvStore.NONE);
        return new Session(loaded.model(), loaded.tokenizer(), stage.attach(models.sequence(loaded)), cache);
    }
}
