package dev.laconic.model.template;

import java.util.List;

/**
 * What a template gave.
 *
 * @param text the whole output
 * @param generated what generation blocks wrote, in order
 */
public record Rendering(String text, List<Span> generated) {

    /** Characters {@code from} to {@code to} of the text, UTF-16 units, {@code to} exclusive. */
    public record Span(int from, int to) {}
}
