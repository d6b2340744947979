package dev.laconic.core.technique;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Messages about names that do not exist: what was meant, and what there is. */
final class Nearest {
    private Nearest() {}

    /** {@code unknown <what> "<name>"; did you mean "<nearest>"? <plural>: <known>}. */
    static String unknown(String what, String name, Collection<String> known, String plural) {
        StringBuilder message = new StringBuilder("unknown ")
                .append(what)
                .append(" \"")
                .append(name)
                .append('"');
        to(name, known)
                .ifPresent(
                        near -> message.append("; did you mean \"").append(near).append("\"?"));
        if (message.charAt(message.length() - 1) != '?') message.append(';');
        return message.append(' ')
                .append(plural)
                .append(": ")
                .append(known.isEmpty() ? "none" : String.join(", ", known))
                .toString();
    }

    /** The known name that takes the fewest edits, if it is near enough to have been meant. */
    static Optional<String> to(String name, Collection<String> known) {
        if (name.length() > 64) return Optional.empty();
        return known.stream()
                .filter(candidate -> distance(name, candidate) <= (candidate.length() + 2) / 3)
                .min(Comparator.comparingInt(candidate -> distance(name, candidate)));
    }

    /** Levenshtein's distance, in O(a x b) steps. */
    static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) row[j] = j;
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
