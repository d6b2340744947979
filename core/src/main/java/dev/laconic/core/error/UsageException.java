package dev.laconic.core.error;

/** A command, option or configuration the user got wrong: exit code 2 on the command line, 400 over HTTP. */
public final class UsageException extends LaconicException {
    private static final long serialVersionUID = 1;

    public UsageException(String message) {
        super(message);
    }
}
