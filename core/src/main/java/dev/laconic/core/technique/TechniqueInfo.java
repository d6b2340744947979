package dev.laconic.core.technique;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is known of a technique without creating it.
 *
 * @param id its name in configuration
 * @param stage where it works
 * @param fidelity what it does to the answer
 * @param title the title of its paper
 * @param paper arXiv identifier, DOI or address; empty if there is none
 * @param needs what must be there
 * @param options what can be set, in constructor order
 */
public record TechniqueInfo(
        String id,
        Stage stage,
        Fidelity fidelity,
        String title,
        String paper,
        List<Need> needs,
        List<OptionInfo> options) {

    public TechniqueInfo {
        needs = List.copyOf(needs);
        options = List.copyOf(options);
    }

    /** The same as a tree of maps, lists and text, ready to be written as JSON. */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("id", id);
        map.put("stage", stage.id());
        map.put("title", title);
        map.put("paper", paper);
        map.put("fidelity", fidelity.id());
        map.put("needs", needs.stream().map(Need::id).toList());
        map.put("options", options.stream().map(TechniqueInfo::toMap).toList());
        return map;
    }

    private static Map<String, Object> toMap(OptionInfo option) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", option.name());
        map.put("expected", option.expected());
        option.defaultValue().ifPresent(value -> map.put("default", value));
        map.put("required", option.required());
        map.put("help", option.help());
        return map;
    }

    @Override
    public String toString() {
        return stage.id() + " " + id;
    }
}
