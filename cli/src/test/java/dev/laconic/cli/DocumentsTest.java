package dev.laconic.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.laconic.model.arch.Architectures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the documents say is so. */
class DocumentsTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final Pattern ARCHITECTURES =
            Pattern.compile("(?m)^\\| (?:Decoders|Encoders|Encoder-decoders) \\|(.*)$");
    private static final Pattern NAME = Pattern.compile("`([^`]+)`");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(?:#([^)]+))?\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");

    @Test
    void theReadmeListsTheArchitectures() throws IOException {
        List<String> listed = new ArrayList<>();
        Matcher row = ARCHITECTURES.matcher(Files.readString(ROOT.resolve("README.md")));
        while (row.find()) NAME.matcher(row.group(1)).results().forEach(name -> listed.add(name.group(1)));
        assertThat(listed).as("README.md, What it reads").containsExactlyInAnyOrderElementsOf(Architectures.names());
    }

    @Test
    void linksBetweenDocumentsLeadSomewhere() throws IOException {
        try (Stream<Path> pages = Stream.concat(Files.list(ROOT), Files.list(ROOT.resolve("docs")))) {
            for (Path page :
                    pages.filter(file -> file.toString().endsWith(".md")).toList()) {
                Matcher link = LINK.matcher(Files.readString(page));
                while (link.find()) {
                    Path target = page.resolveSibling(link.group(1));
                    assertThat(target).as("link in %s", page.getFileName()).exists();
                    if (link.group(2) != null)
                        assertThat(anchors(target))
                                .as("link in %s", page.getFileName())
                                .contains(link.group(2));
                }
            }
        }
    }

    private static List<String> anchors(Path page) throws IOException {
        return HEADING.matcher(Files.readString(page))
                .results()
                .map(heading -> heading.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^a-z0-9 -]", "")
                        .replace(' ', '-'))
                .toList();
    }
}
