package dev.laconic.bench.cache;

import dev.laconic.cache.KvAllocator;
import dev.laconic.cache.KvReuse;
import dev.laconic.cache.KvScorer;
import dev.laconic.core.Budget;
import dev.laconic.core.error.UsageException;
import dev.laconic.core.technique.OptionInfo;
import dev.laconic.core.technique.PipelineSpec;
import dev.laconic.core.technique.Stage;
import dev.laconic.core.technique.TechniqueInfo;
import dev.laconic.core.technique.TechniqueSpec;
import dev.laconic.core.technique.Techniques;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What is judged: every technique there is, at each share of the cache where it has a {@code budget} or {@link Settings}
 * tell how it holds that, at each width where it has {@code bits} or {@code high} and {@code low}, otherwise with shares of
 * the text as its {@code window} where it has one; and chains that are given. Allocators share out the budget of a scorer; what only uses a cache again is left out. The
 * baselines come first.
 */
public final class Candidates {
    /** Nothing left out, eviction by lot, exact choice. */
    public static final List<String> BASELINES = List.of("full", "random", "oracle");

    private static final String SCORER = "snapkv";
    private static final int[] WIDTHS = {2, 4, 8};
    private static final int[][] PAIRS = {{16, 4}, {8, 4}, {8, 2}, {4, 2}};

    private final Settings settings = Settings.read();
    private final Techniques techniques;
    private final List<TechniqueInfo> judged;
    private final List<PipelineSpec> chains;
    private final List<Double> shares;
    private final boolean widths;
    private final Optional<TechniqueInfo> scorer;

    /**
     * @param only ids that are judged beside the baselines; all if empty
     * @param chains cache chains that are judged as they are
     * @param shares of the cache that are kept
     * @param widths whether other widths than the default are tried
     * @throws UsageException if an id is not one of the techniques, or a chain cannot be made
     */
    public Candidates(
            Techniques techniques, List<String> only, List<String> chains, List<Double> shares, boolean widths) {
        this.techniques = techniques;
        this.shares = List.copyOf(shares);
        this.widths = widths;
        for (double share : shares)
            if (!(share > 0 && share <= 1)) throw new UsageException("budget: found " + share + ", expected a share above 0%");
        for (String id : only)
            if (implementsPoint(techniques.find(Stage.CACHE, id), KvReuse.class))
                throw new UsageException(id + ": keeps the whole cache, and uses it again: see laconic bench reuse");
        judged = new ArrayList<>();
        for (String id : BASELINES) judged.add(techniques.find(Stage.CACHE, id));
        for (TechniqueInfo info : techniques.list(Stage.CACHE)) {
            boolean wanted = only.isEmpty() ? !implementsPoint(info, KvReuse.class) : only.contains(info.id());
            if (wanted && !BASELINES.contains(info.id())) judged.add(info);
        }
        this.chains = chains.stream().map(text -> PipelineSpec.NONE.with(Stage.CACHE, text)).toList();
        this.chains.forEach(techniques::create);
        scorer = scorer();
    }

    private Optional<TechniqueInfo> scorer() {
        List<TechniqueInfo> scorers = techniques.list(Stage.CACHE).stream()
                .filter(info -> !BASELINES.contains(info.id()) && implementsPoint(info, KvScorer.class))
                .toList();
        return scorers.stream()
                .filter(info -> info.id().equals(SCORER))
                .findFirst()
                .or(() -> scorers.stream().findFirst());
    }

    private boolean implementsPoint(TechniqueInfo info, Class<?> point) {
        try {
            return !techniques.create(chain(List.of(new TechniqueSpec(info.id())))).all(point).isEmpty();
        } catch (UsageException notWithoutOptions) {
            return false;
        }
    }

    /** The candidates for texts of a length. */
    public List<Candidate> at(int length) {
        List<Candidate> all = new ArrayList<>();
        for (TechniqueInfo info : judged) all.addAll(of(info, length));
        for (PipelineSpec chain : chains) all.add(own(chain));
        return all;
    }

    private List<Candidate> of(TechniqueInfo info, int length) {
        Map<String, OptionInfo> options = new LinkedHashMap<>();
        for (OptionInfo option : info.options()) options.put(option.name(), option);
        List<Candidate> found = new ArrayList<>();
        boolean pair = is(options, "high", OptionInfo.Type.INT) && is(options, "low", OptionInfo.Type.INT);
        boolean bits = is(options, "bits", OptionInfo.Type.INT);
        boolean allocator = implementsPoint(info, KvAllocator.class);
        if (allocator && scorer.isPresent())
            for (double share : shares)
                found.add(new Candidate(
                        info.id(),
                        chain(List.of(
                                new TechniqueSpec(scorer.get().id(), Map.of("budget", text(share))),
                                new TechniqueSpec(info.id()))),
                        text(share),
                        OptionalDouble.of(share)));
        else if (settings.has(info.id()))
            for (double share : shares)
                settings.of(info.id(), text(share)).ifPresent(set -> found.add(new Candidate(
                        info.id(),
                        PipelineSpec.NONE.with(Stage.CACHE, info.id() + ":" + set),
                        text(share),
                        OptionalDouble.of(share))));
        else if (is(options, "budget", OptionInfo.Type.BUDGET))
            for (double share : shares) found.add(with(info, Map.of("budget", text(share)), text(share), share));
        else if (is(options, "window", OptionInfo.Type.INT) && !bits && !pair)
            for (double share : shares) found.add(with(info, window(options, share, length), text(share), share));
        if (bits) addWidths(info, options.get("bits"), found);
        if (pair) addPairs(info, found);
        if (found.isEmpty())
            found.add(new Candidate(
                    info.id(), chain(List.of(new TechniqueSpec(info.id()))), "default", OptionalDouble.empty()));
        return found;
    }

    private static boolean is(Map<String, OptionInfo> options, String name, OptionInfo.Type type) {
        return options.containsKey(name) && options.get(name).type() == type;
    }

    /** A window that keeps a share of the text, with the sinks beside it where there are any. */
    private static Map<String, String> window(Map<String, OptionInfo> options, double share, int length) {
        int sinks = Optional.ofNullable(options.get("sinks"))
                .flatMap(OptionInfo::defaultValue)
                .map(Integer::parseInt)
                .orElse(0);
        return Map.of("window", String.valueOf(Math.max(1, Math.round(share * length) - sinks)));
    }

    private void addWidths(TechniqueInfo info, OptionInfo bits, List<Candidate> found) {
        for (int width : WIDTHS) {
            boolean wanted = widths || bits.defaultValue().equals(Optional.of(String.valueOf(width)));
            addIfMade(info, Map.of("bits", String.valueOf(width)), width + " bits", wanted, found);
        }
    }

    private void addPairs(TechniqueInfo info, List<Candidate> found) {
        for (int[] pair : PAIRS) {
            Map<String, String> settings = new LinkedHashMap<>();
            settings.put("high", String.valueOf(pair[0]));
            settings.put("low", String.valueOf(pair[1]));
            addIfMade(info, settings, pair[0] + "/" + pair[1] + " bits", widths, found);
        }
    }

    /** Adds a width if the technique takes it. */
    private void addIfMade(
            TechniqueInfo info, Map<String, String> options, String name, boolean wanted, List<Candidate> found) {
        if (!wanted) return;
        PipelineSpec chain = chain(List.of(new TechniqueSpec(info.id(), options)));
        if (found.stream().anyMatch(other -> other.chain().equals(chain))) return;
        try {
            techniques.create(chain);
        } catch (UsageException refused) {
            return;
        }
        found.add(new Candidate(info.id(), chain, name, OptionalDouble.empty()));
    }

    private static Candidate with(TechniqueInfo info, Map<String, String> settings, String name, double share) {
        return new Candidate(
                info.id(), chain(List.of(new TechniqueSpec(info.id(), settings))), name, OptionalDouble.of(share));
    }

    private static Candidate own(PipelineSpec chain) {
        List<TechniqueSpec> parts = chain.stage(Stage.CACHE);
        String name = parts.isEmpty() ? "full" : String.join("+", parts.stream().map(TechniqueSpec::id).toList());
        OptionalDouble budget = parts.stream()
                .filter(part -> part.options().containsKey("budget"))
                .map(part -> Budget.parse(part.options().get("budget")))
                .filter(given -> given.unit() == Budget.Unit.SHARE)
                .mapToDouble(Budget::amount)
                .findFirst();
        return new Candidate(name, chain, chain.print(Stage.CACHE), budget);
    }

    private static String text(double share) {
        return Budget.share(share).toString();
    }

    private static PipelineSpec chain(List<TechniqueSpec> parts) {
        return new PipelineSpec(Map.of(Stage.CACHE, parts));
    }
}
