package dev.laconic.core.technique;

import dev.laconic.core.error.UsageException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A pipeline as the user writes it: for each stage a chain of techniques. It is not checked against what is registered
 * until it is {@linkplain Techniques#create created}.
 *
 * @param stages the chain of each stage that has one, in stage order
 */
public record PipelineSpec(Map<Stage, List<TechniqueSpec>> stages) {

    /** No technique anywhere. */
    public static final PipelineSpec NONE = new PipelineSpec(Map.of());

    private static final String TECHNIQUE = "a technique's id or a map from it to its options";
    private static final String VALUE = "text, a number, true, false or a list of these";

    public PipelineSpec {
        EnumMap<Stage, List<TechniqueSpec>> ordered = new EnumMap<>(Stage.class);
        stages.forEach((stage, chain) -> {
            if (!chain.isEmpty()) ordered.put(stage, List.copyOf(chain));
        });
        stages = Collections.unmodifiableMap(ordered);
    }

    /** The chain of a stage, empty if it has none. */
    public List<TechniqueSpec> stage(Stage stage) {
        return stages.getOrDefault(stage, List.of());
    }

    /**
     * This pipeline with the chain of one stage replaced by what {@code text} says: {@code
     * ems:budget=256,window=32,zipcache:bits=4} is a chain of two. Items are separated by commas; an item with {@code id:}
     * or a bare id starts a technique, {@code key=value} continues the one before. {@code none} is the empty chain. A
     * value with a comma in it stands in double quotes; the elements of a list are joined by {@code +}.
     *
     * @throws UsageException if the text is not a chain; the message says where
     */
    public PipelineSpec with(Stage stage, String text) {
        Map<Stage, List<TechniqueSpec>> changed = new EnumMap<>(Stage.class);
        changed.putAll(stages);
        try {
            changed.put(stage, Chain.parse(text));
        } catch (UsageException wrong) {
            throw new UsageException(stage + " " + wrong.getMessage());
        }
        return new PipelineSpec(changed);
    }

    /**
     * Reads the tree that YAML or JSON gives: stage to chain, where a chain is text as in {@link #with} or a list whose
     * items are text or a map {@code {id: {key: value, ...}}}. Values are text, numbers, booleans or lists of these.
     *
     * @throws UsageException if the tree has another shape; the message says where
     */
    public static PipelineSpec of(Map<String, ?> tree) {
        PipelineSpec pipeline = NONE;
        for (Map.Entry<String, ?> entry : tree.entrySet()) {
            Stage stage = Stage.of(entry.getKey());
            pipeline = switch (entry.getValue()) {
                case String text -> pipeline.with(stage, text);
                case List<?> items -> pipeline.with(stage, items);
                case null -> pipeline;
                default -> throw wrong(stage.id(), entry.getValue(), "text or a list of techniques");
            };
        }
        return pipeline;
    }

    private PipelineSpec with(Stage stage, List<?> items) {
        List<TechniqueSpec> chain = new ArrayList<>();
        for (Object item : items) {
            switch (item) {
                case String text ->
                    chain.addAll(PipelineSpec.NONE.with(stage, text).stage(stage));
                case Map<?, ?> map -> map.forEach((id, options) -> chain.add(technique(stage, id, options)));
                case null -> throw wrong(stage.id(), "nothing", TECHNIQUE);
                default -> throw wrong(stage.id(), item, TECHNIQUE);
            }
        }
        Map<Stage, List<TechniqueSpec>> changed = new EnumMap<>(Stage.class);
        changed.putAll(stages);
        changed.put(stage, chain);
        return new PipelineSpec(changed);
    }

    private static TechniqueSpec technique(Stage stage, Object id, Object options) {
        String name = name(stage.id(), id);
        if (options == null) return new TechniqueSpec(name);
        if (!(options instanceof Map<?, ?> map))
            throw wrong(stage + " " + name, options, "a map from options to values");
        Map<String, String> texts = new LinkedHashMap<>();
        map.forEach((key, value) -> {
            String option = name(stage + " " + name, key);
            texts.put(option, text(stage + " " + name + ": " + option, value));
        });
        return new TechniqueSpec(name, texts);
    }

    private static String name(String where, Object name) {
        if (name instanceof String text && Chain.isName(text)) return text;
        throw wrong(where, name, "a name of lower-case letters, digits, dots and dashes");
    }

    private static String text(String where, Object value) {
        return value instanceof List<?> list
                ? OptionInfo.join(
                        list.stream().map(element -> scalar(where, element)).toList())
                : scalar(where, value);
    }

    private static String scalar(String where, Object value) {
        return switch (value) {
            case String text -> text;
            case Boolean bool -> bool.toString();
            case Double number -> number(number);
            case Number number -> number.toString();
            case null -> throw wrong(where, "nothing", VALUE);
            default -> throw wrong(where, value, VALUE);
        };
    }

    /** 4.0 is written 4, so that a whole number that JSON gives as 4.0 stays one. */
    private static String number(double value) {
        return Double.isFinite(value)
                ? new BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString()
                : Double.toString(value);
    }

    private static UsageException wrong(String where, Object found, String expected) {
        return new UsageException(where + ": found " + found + ", expected " + expected);
    }

    /** The same as a tree, ready to be written as YAML or JSON; {@link #of} reads it back. */
    public Map<String, Object> toMap() {
        Map<String, Object> tree = new LinkedHashMap<>();
        stages.forEach((stage, chain) -> tree.put(
                stage.id(),
                chain.stream()
                        .map(technique -> Map.of(technique.id(), technique.options()))
                        .toList()));
        return tree;
    }

    /** The text form of one stage's chain; {@link #with} reads it back. */
    public String print(Stage stage) {
        return Chain.print(stage(stage));
    }

    /** {@code --cache ems:budget=256 --decode token-recycling}, or {@code none}. */
    @Override
    public String toString() {
        if (stages.isEmpty()) return Chain.NONE;
        return String.join(
                " ",
                stages.keySet().stream()
                        .map(stage -> "--" + stage + " " + print(stage))
                        .toList());
    }
}
