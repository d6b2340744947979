package dev.laconic.core.error;

/** A file or request that is not what it claims to be. */
public final class MalformedInputException extends LaconicException {
    private static final long serialVersionUID = 1;

    private final String source;
    private final String field;

    /**
     * @param source the file, or the part of a request
     * @param field where in it: a header field, a metadata key, a tensor name
     * @param found what stands there
     * @param expected what would be right
     */
    public MalformedInputException(String source, String field, Object found, String expected) {
        super(source + ": " + field + ": found " + found + ", expected " + expected);
        this.source = source;
        this.field = field;
    }

    public String source() {
        return source;
    }

    public String field() {
        return field;
    }
}
