package dev.laconic.model.chat;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.error.UsageException;
import dev.laconic.format.Metadata;
import dev.laconic.model.template.TemplateException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * The chat templates a model brings, by name. Most models bring one, named {@value #DEFAULT}.
 *
 * @param sources Jinja source by name
 */
public record ChatTemplates(SequencedMap<String, String> sources) {
    public static final String DEFAULT = "default";
    /** The template that transformers prefers where tools are given. */
    public static final String TOOL_USE = "tool_use";

    private static final String KEY = "tokenizer.chat_template";

    public ChatTemplates {
        sources = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(sources));
    }

    public static ChatTemplates none() {
        return new ChatTemplates(new LinkedHashMap<>());
    }

    /** Those under {@code tokenizer.chat_template} and {@code tokenizer.chat_template.NAME}, as in GGUF files. */
    public static ChatTemplates of(Metadata metadata) {
        SequencedMap<String, String> sources = new LinkedHashMap<>();
        metadata.string(KEY).ifPresent(source -> sources.put(DEFAULT, source));
        for (String key : metadata.keys())
            if (key.startsWith(KEY + ".")) sources.put(key.substring(KEY.length() + 1), metadata.requireString(key));
        return new ChatTemplates(sources);
    }

    /**
     * Those of the field {@code chat_template} of a tokenizer_config.json.
     *
     * @param file for error messages
     * @param field the parsed JSON: text, or a list of objects with the fields name and template
     * @throws MalformedInputException if it is neither
     */
    public static ChatTemplates ofTokenizerConfig(String file, Object field) {
        if (field instanceof String source) return none().with(DEFAULT, source);
        if (!(field instanceof List<?> list)) throw malformed(file, field);
        SequencedMap<String, String> sources = new LinkedHashMap<>();
        for (Object entry : list) {
            if (!(entry instanceof Map<?, ?> map)
                    || !(map.get("name") instanceof String name)
                    || !(map.get("template") instanceof String source)) throw malformed(file, entry);
            sources.put(name, source);
        }
        return new ChatTemplates(sources);
    }

    private static MalformedInputException malformed(String file, Object found) {
        String kind = found == null ? "null" : found.getClass().getSimpleName();
        return new MalformedInputException(
                file, "chat_template", "a " + kind, "text, or a list of objects with the fields name and template");
    }

    /** With another template: that of a chat_template.jinja, or of a user's own file. */
    public ChatTemplates with(String name, String source) {
        SequencedMap<String, String> more = new LinkedHashMap<>(sources);
        more.put(name, source);
        return new ChatTemplates(more);
    }

    /**
     * The template of this name.
     *
     * @param model for error messages
     * @throws UsageException if there is none
     * @throws TemplateException if it is not a template
     */
    public ChatTemplate named(String model, String name) {
        String source = sources.get(name);
        if (source == null)
            throw new UsageException(
                    "chat template of " + model + ": found the name " + name + ", expected one of " + sources.keySet());
        return ChatTemplate.compile(model + (name.equals(DEFAULT) ? "" : " (" + name + ")"), source);
    }

    /**
     * The template for a conversation, as transformers chooses it: {@value #TOOL_USE} if tools are given and there is
     * one, else {@value #DEFAULT}; empty if the model brings none.
     *
     * @param model for error messages
     * @throws UsageException if there are several and none of these names
     * @throws TemplateException if it is not a template
     */
    public Optional<ChatTemplate> choose(String model, boolean tools) {
        if (sources.isEmpty()) return Optional.empty();
        if (tools && sources.containsKey(TOOL_USE)) return Optional.of(named(model, TOOL_USE));
        String name = sources.size() == 1 ? sources.firstEntry().getKey() : DEFAULT;
        return Optional.of(named(model, name));
    }
}
