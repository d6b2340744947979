package dev.laconic.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/**
 * The reference data that lies beside a checkout in {@code ../shared}. A user's clone has none: tests that need it are
 * skipped with a message that says so.
 */
public final class SharedData {
    private SharedData() {}

    /** The file or folder at this path under {@code shared}, or the test that asks is skipped. */
    public static Path require(String relative) {
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            Path candidate = at.resolve("shared").resolve(relative);
            if (Files.exists(candidate)) return candidate;
        }
        Assumptions.abort("skipped: no shared/" + relative + " in or beside the parent folders of this checkout");
        throw new AssertionError("unreachable");
    }
}
