package dev.laconic.core.error;

import java.util.Collection;

/** A sound file that asks for something this engine does not do; the message lists what it does. */
public final class UnsupportedModelException extends LaconicException {
    private static final long serialVersionUID = 1;

    public UnsupportedModelException(String source, String field, Object found, Collection<String> supported) {
        super(source + ": " + field + ": " + found + " is not supported; supported are: "
                + String.join(", ", supported));
    }
}
