package dev.laconic.format.io;

/** Text from a file, made fit for an error message. */
public final class Quoted {
    private static final int LONGEST = 80;

    private Quoted() {}

    /** {@code text} in quotes, its control characters escaped, cut after 80 characters. */
    public static String of(CharSequence text) {
        StringBuilder out = new StringBuilder("\"");
        int end = Math.min(text.length(), LONGEST);
        for (int i = 0; i < end; i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') out.append('\\').append(c);
            else if (c < ' ' || c > '~' && (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT))
                out.append(String.format("\\u%04x", (int) c));
            else out.append(c);
        }
        if (end < text.length()) out.append("...");
        return out.append('"').toString();
    }
}
