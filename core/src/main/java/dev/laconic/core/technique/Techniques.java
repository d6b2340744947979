package dev.laconic.core.technique;

import dev.laconic.core.error.UsageException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.Supplier;

/** The techniques there are, by stage and id. Immutable. */
public final class Techniques {
    private static final Techniques INSTALLED =
            new Techniques(() -> ServiceLoader.load(TechniqueProvider.class, Techniques.class.getClassLoader()).stream()
                    .map(ServiceLoader.Provider::get)
                    .toList());

    private record Key(Stage stage, String id) {}

    private final Supplier<Collection<TechniqueProvider>> source;
    /** Empty until somebody asks for a technique: finding all of them takes longer than most runs without any. */
    private volatile Optional<Map<Key, TechniqueProvider>> known = Optional.empty();

    private Techniques(Supplier<Collection<TechniqueProvider>> source) {
        this.source = source;
    }

    private Map<Key, TechniqueProvider> providers() {
        Optional<Map<Key, TechniqueProvider>> found = known;
        return found.isPresent() ? found.get() : find();
    }

    private synchronized Map<Key, TechniqueProvider> find() {
        if (known.isEmpty()) known = Optional.of(byKey(source.get()));
        return known.get();
    }

    private static Map<Key, TechniqueProvider> byKey(Collection<TechniqueProvider> all) {
        Map<Key, TechniqueProvider> providers = new LinkedHashMap<>();
        Comparator<TechniqueProvider> order = Comparator.comparing(
                        (TechniqueProvider provider) -> provider.info().stage())
                .thenComparing(provider -> provider.info().id());
        for (TechniqueProvider provider : all.stream().sorted(order).toList()) {
            TechniqueInfo info = provider.info();
            TechniqueProvider other = providers.put(new Key(info.stage(), info.id()), provider);
            if (other != null)
                throw new IllegalStateException("two techniques are called " + info + ": "
                        + other.type().getName() + " and " + provider.type().getName());
        }
        return providers;
    }

    /** Every technique on the class path. */
    public static Techniques installed() {
        return INSTALLED;
    }

    /** These techniques and no other. */
    public static Techniques of(Collection<TechniqueProvider> providers) {
        Techniques techniques = new Techniques(() -> providers);
        techniques.find();
        return techniques;
    }

    /** All techniques, by stage, then by id. */
    public List<TechniqueInfo> list() {
        return providers().values().stream().map(TechniqueProvider::info).toList();
    }

    /** The techniques of one stage, by id. */
    public List<TechniqueInfo> list(Stage stage) {
        return list().stream().filter(info -> info.stage() == stage).toList();
    }

    /**
     * The technique of this name.
     *
     * @throws UsageException if there is none; the message names the nearest and lists the stage's techniques
     */
    public TechniqueInfo find(Stage stage, String id) {
        return provider(stage, id).info();
    }

    /** What is known of a technique's class, if it is registered. */
    public Optional<TechniqueInfo> find(Class<?> type) {
        return providers().values().stream()
                .filter(provider -> provider.type() == type)
                .map(TechniqueProvider::info)
                .findFirst();
    }

    /**
     * Creates the technique that {@code spec} asks for.
     *
     * @throws UsageException if there is none of that name, or its options are not what it takes; the message names the
     *     option, what was found, what was expected, and for an unknown one those there are
     */
    public Object create(Stage stage, TechniqueSpec spec) {
        TechniqueProvider provider = provider(stage, spec.id());
        OptionValues values = OptionValues.of(provider.info(), spec.options());
        try {
            return provider.create(values);
        } catch (IllegalArgumentException contradiction) {
            throw new UsageException(provider.info() + ": " + contradiction.getMessage());
        }
    }

    /**
     * Creates every technique of a pipeline.
     *
     * @throws UsageException as {@link #create(Stage, TechniqueSpec)} does
     */
    public Pipeline create(PipelineSpec spec) {
        List<Pipeline.Part> parts = new ArrayList<>();
        spec.stages().forEach((stage, chain) -> {
            for (TechniqueSpec technique : chain)
                parts.add(new Pipeline.Part(find(stage, technique.id()), create(stage, technique)));
        });
        return new Pipeline(parts);
    }

    private TechniqueProvider provider(Stage stage, String id) {
        return Optional.ofNullable(providers().get(new Key(stage, id))).orElseThrow(() -> unknown(stage, id));
    }

    private UsageException unknown(Stage stage, String id) {
        List<String> ids = list(stage).stream().map(TechniqueInfo::id).toList();
        String message = Nearest.unknown(stage + " technique", id, ids, "techniques");
        List<String> elsewhere = list().stream()
                .filter(info -> info.id().equals(id))
                .map(info -> info.stage().id())
                .toList();
        return new UsageException(
                elsewhere.isEmpty() ? message : message + "; " + id + " belongs to " + String.join(", ", elsewhere));
    }
}
