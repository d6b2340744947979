package dev.laconic.model.arch;

import dev.laconic.core.error.UnsupportedModelException;
import dev.laconic.model.load.Weights;
import java.util.Map;
import java.util.SequencedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/** The architectures this engine runs, under the names model files use. */
public final class Architectures {
    private static final Map<String, Function<Weights, Architecture>> BUILDERS = new TreeMap<>(Map.ofEntries(
            Map.entry("bert", Bert::build),
            Map.entry("jina-bert-v2", JinaBertV2::build),
            Map.entry("jina-bert-v3", NomicBert::build),
            Map.entry("llama", Llama::build),
            Map.entry("modern-bert", ModernBert::build),
            Map.entry("nomic-bert", NomicBert::build),
            Map.entry("nomic-bert-moe", NomicBert::build),
            Map.entry("t5", T5::build),
            Map.entry("t5encoder", T5::buildEncoder)));

    private Architectures() {}

    public static SequencedSet<String> names() {
        return new TreeSet<>(BUILDERS.keySet());
    }

    /**
     * The network a file describes.
     *
     * @throws UnsupportedModelException for an architecture that is not listed
     */
    public static Architecture build(Weights weights) {
        String name = weights.parameters().architecture();
        Function<Weights, Architecture> builder = BUILDERS.get(name);
        if (builder == null)
            throw new UnsupportedModelException(weights.source(), "general.architecture", name, names());
        return builder.apply(weights);
    }
}
