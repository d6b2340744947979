package dev.laconic.core.technique;

import dev.laconic.core.error.UsageException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Techniques that work together on one generation, in order. Immutable; state is made per sequence by each technique. */
public final class Pipeline {

    /** A technique and what is known of it. */
    record Part(TechniqueInfo info, Object technique) {}

    private static final Pipeline NONE = new Pipeline(List.of());

    private final List<Part> parts;

    /** Parts in stage order; within a stage in the order given. */
    Pipeline(List<Part> parts) {
        this.parts = new ArrayList<>(parts);
        this.parts.sort((a, b) -> a.info().stage().compareTo(b.info().stage()));
    }

    /** No technique at all. */
    public static Pipeline none() {
        return NONE;
    }

    /**
     * These techniques: {@code Pipeline.of(new StreamingLlm(4, 1020), new TokenRecycling(8))}. They run stage by stage,
     * within a stage in the order given.
     *
     * @throws IllegalArgumentException if one of them is of no registered class
     */
    public static Pipeline of(Object... techniques) {
        List<Part> parts = new ArrayList<>();
        for (Object technique : techniques) {
            TechniqueInfo info = Techniques.installed()
                    .find(technique.getClass())
                    .orElseThrow(() -> new IllegalArgumentException(
                            technique.getClass().getName() + " is not registered: it has no @Technique"));
            parts.add(new Part(info, technique));
        }
        return new Pipeline(parts);
    }

    /** The techniques that implement an extension point, in order. */
    public <T> List<T> all(Class<T> extensionPoint) {
        List<T> all = new ArrayList<>();
        for (Part part : parts)
            if (extensionPoint.isInstance(part.technique())) all.add(extensionPoint.cast(part.technique()));
        return Collections.unmodifiableList(all);
    }

    /** What is known of each technique, in order. */
    public List<TechniqueInfo> techniques() {
        return parts.stream().map(Part::info).toList();
    }

    /** What all of them need together. */
    public Set<Need> needs() {
        Set<Need> needs = EnumSet.noneOf(Need.class);
        parts.forEach(part -> needs.addAll(part.info().needs()));
        return needs;
    }

    /**
     * Makes sure that everything the techniques need is there.
     *
     * @param offered what is there
     * @throws UsageException if something is missing; the message names the technique and what it lacks
     */
    public void require(Set<Need> offered) {
        for (Part part : parts)
            for (Need need : part.info().needs())
                if (!offered.contains(need))
                    throw new UsageException(part.info() + ": needs " + need.id() + ", which is not there");
    }

    @Override
    public String toString() {
        return techniques().toString();
    }
}
