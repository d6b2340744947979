package dev.laconic.model.template;

import dev.laconic.core.error.LaconicException;

/** A template that cannot be read, fails while it renders, exceeds its limits, or refuses what it is given. */
public final class TemplateException extends LaconicException {
    private static final long serialVersionUID = 1;

    private final String template;
    private final int line;

    /**
     * @param template the template's name
     * @param line the line of the template, from 1
     * @param problem what was found and what was expected
     */
    TemplateException(String template, int line, String problem) {
        super("template " + template + ", line " + line + ": " + problem);
        this.template = template;
        this.line = line;
    }

    public String template() {
        return template;
    }

    public int line() {
        return line;
    }
}
