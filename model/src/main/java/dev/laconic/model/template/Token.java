package dev.laconic.model.template;

/**
 * A piece of template source.
 *
 * @param text what stands there; for {@code STRING} the characters it means
 * @param line where it starts, from 1
 */
record Token(Type type, String text, int line) {
    enum Type {
        TEXT("text"),
        PRINT_BEGIN("'{{'"),
        PRINT_END("'}}'"),
        TAG_BEGIN("'{%'"),
        TAG_END("'%}'"),
        NAME("a name"),
        STRING("a string"),
        INTEGER("an integer"),
        FLOAT("a number"),
        OPERATOR("an operator"),
        END("the end of the template");

        private final String description;

        Type(String description) {
            this.description = description;
        }

        String description() {
            return description;
        }
    }

    boolean is(Type wanted, String wantedText) {
        return type == wanted && text.equals(wantedText);
    }

    boolean operator(String symbol) {
        return is(Type.OPERATOR, symbol);
    }

    boolean name(String word) {
        return is(Type.NAME, word);
    }

    /** For error messages. */
    String description() {
        return switch (type) {
            case NAME, OPERATOR -> "'" + text + "'";
            case STRING, INTEGER, FLOAT -> type.description() + " '" + Text.abbreviate(text) + "'";
            default -> type.description();
        };
    }
}
