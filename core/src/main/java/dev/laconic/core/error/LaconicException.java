package dev.laconic.core.error;

/** Base of the errors that are meant for the user: the message alone must be enough to act on. */
public class LaconicException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public LaconicException(String message) {
        super(message);
    }

    public LaconicException(String message, Throwable cause) {
        super(message, cause);
    }
}
