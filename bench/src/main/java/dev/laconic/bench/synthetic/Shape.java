package dev.laconic.bench.synthetic;

import dev.laconic.core.error.UsageException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The sizes of a llama model whose output head is its token embedding.
 *
 * @param width of the residual stream; the head size is {@code width / heads}
 * @param vocabulary tokens, {@link RandomLlama#FEWEST_TOKENS} or more
 * @param ropeBase base of the rotary frequencies
 */
public record Shape(
        int layers,
        int width,
        int heads,
        int kvHeads,
        int feedForward,
        int vocabulary,
        int context,
        float ropeBase) {
    private static final Map<String, Shape> NAMED = new LinkedHashMap<>();

    static {
        NAMED.put("2M", new Shape(4, 192, 6, 2, 512, 2_048, 2_048, 10_000));
        NAMED.put("135M", new Shape(30, 576, 9, 3, 1_536, 49_152, 8_192, 100_000));
        NAMED.put("360M", new Shape(32, 960, 15, 5, 2_560, 49_152, 8_192, 100_000));
        NAMED.put("1B", new Shape(16, 2_048, 32, 8, 8_192, 128_256, 131_072, 500_000));
    }

    public Shape {
        if (width % heads != 0 || heads % kvHeads != 0 || width / heads % 2 != 0)
            throw new UsageException("a width of " + width + " does not divide into " + heads + " heads over " + kvHeads
                    + " key-value heads");
        if (vocabulary < RandomLlama.FEWEST_TOKENS)
            throw new UsageException("a vocabulary of " + vocabulary + " tokens, at least " + RandomLlama.FEWEST_TOKENS);
    }

    /** Those with a name, by their number of parameters; 135M and 360M are SmolLM2's, 1B is Llama 3.2's. */
    public static List<String> names() {
        return List.copyOf(NAMED.keySet());
    }

    /** @throws UsageException if no shape has this name */
    public static Shape named(String name) {
        return NAMED.entrySet().stream()
                .filter(shape -> shape.getKey().equalsIgnoreCase(name))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseThrow(() -> new UsageException("shape: found " + name + ", expected one of " + names()));
    }

    int headSize() {
        return width / heads;
    }

    /** How many weights there are. */
    public long parameters() {
        long layer = 2L * width * width + 2L * width * kvHeads * headSize() + 3L * width * feedForward + 2L * width;
        return layers * layer + (long) vocabulary * width + width;
    }
}
