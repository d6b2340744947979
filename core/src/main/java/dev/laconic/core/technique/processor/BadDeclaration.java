package dev.laconic.core.technique.processor;

import javax.lang.model.element.Element;

/** A technique that is declared wrongly, and where. */
final class BadDeclaration extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Element where;

    BadDeclaration(Element where, String message) {
        super(message);
        this.where = where;
    }

    Element where() {
        return where;
    }
}
