package dev.laconic.bench.cache;

import dev.laconic.cache.CacheStage;
import dev.laconic.core.error.LaconicException;
import dev.laconic.core.technique.Stage;
import dev.laconic.core.technique.Techniques;
import dev.laconic.model.Sequence;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A candidate made for a model; what goes wrong with it ends its own part and nothing else. */
final class Contender {
    private final Candidate candidate;
    private Optional<CacheStage> stage = Optional.empty();
    private Optional<String> failure = Optional.empty();

    Contender(Candidate candidate, Subject subject) {
        this.candidate = candidate;
        attempt(() -> stage = Optional.of(CacheStage.of(
                Techniques.installed().create(candidate.chain()), subject.model(), subject.tokenizer())));
    }

    Candidate candidate() {
        return candidate;
    }

    String config() {
        return candidate.chain().print(Stage.CACHE);
    }

    /** Why it could not go on. */
    Optional<String> failure() {
        return failure;
    }

    /** Does something with it, unless something went wrong before. */
    void attempt(Runnable work) {
        if (failure.isPresent()) return;
        try {
            work.run();
        } catch (Reader.Cancelled ended) {
            throw ended;
        } catch (LaconicException refused) {
            failure = Optional.of(refused.getMessage());
        } catch (RuntimeException broken) {
            failure = Optional.of(broken.toString());
        }
    }

    int firstRow(int promptLength) {
        return stage.orElseThrow().firstRow(promptLength);
    }

    Sequence attach(Sequence sequence) {
        return stage.orElseThrow().attach(sequence);
    }

    /** What came out, or why nothing did. */
    CacheRow row(String task, String query, int length, Map<String, Object> values) {
        Map<String, Object> all = new LinkedHashMap<>();
        candidate.budget().ifPresent(share -> all.put("budget", share));
        if (failure.isPresent()) all.put("error", failure.get());
        else all.putAll(values);
        return new CacheRow(candidate.technique(), config(), candidate.setting(), task, query, length, all);
    }
}
