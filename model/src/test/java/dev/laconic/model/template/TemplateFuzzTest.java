package dev.laconic.model.template;

import dev.laconic.testkit.Seeds;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * Whatever the source, rendering ends with text or a TemplateException. {@code mvn test -pl model -am
 * -Dtest=TemplateFuzzTest -Dfuzz=1000} looks a thousand times longer.
 */
class TemplateFuzzTest {
    private static final int EFFORT = Integer.getInteger("fuzz", 1);
    private static final TemplateLimits LIMITS = new TemplateLimits(20_000, 1_000_000, 100_000, 400);
    private static final String[] PIECES = {
        "{{", "}}", "{%", "%}", "{#", "#}", "-", "+", "~", "|", "(", ")", "[", "]", "{", "}", ",", ":", ".", "'",
        "\"", "\\", "\n", " ", " if ", " else ", " endif ", " for ", " in ", " endfor ", " set ", " = ", " not ",
        " and ", " is ", " macro m(a)", " endmacro ", " call m()", " endcall ", " raw ", " endraw ", " recursive ",
        "loop", "caller()", "namespace()", "ns.x", "range(9)", "*", "**", "//", "%", "1", "-1", "1e9", "0x",
        "99999999999999999", "'%s'", "'{}'.format", "|tojson", "|map", "|sort", "|join", "|int", ".split", ".items()",
        "[::-1]", "true", "none", "é", "😀", "\ud800", "\u0000", "\r\n", "\u2028", "messages", "xs", "d", "s"
    };

    @Test
    void mutatedTemplatesNeverBreakTheInterpreter() throws IOException {
        List<String> templates = templates();
        Seeds.check(6_000 * EFFORT, random -> {
            StringBuilder source = new StringBuilder(pick(random, templates));
            if (random.nextInt(3) == 0) source.append(pick(random, templates));
            for (int edits = random.nextInt(6); edits >= 0; edits--) edit(random, source, templates);
            render(source.toString());
        });
    }

    @Test
    void randomPiecesNeverBreakTheInterpreter() {
        Seeds.check(6_000 * EFFORT, random -> {
            StringBuilder source = new StringBuilder(random.nextBoolean() ? "{{" : "{%");
            for (int i = random.nextInt(30); i >= 0; i--) source.append(PIECES[random.nextInt(PIECES.length)]);
            if (random.nextBoolean()) source.append(random.nextBoolean() ? "}}" : "%}");
            render(source.toString());
        });
    }

    private static void edit(RandomGenerator random, StringBuilder source, List<String> templates) {
        int at = random.nextInt(source.length() + 1);
        int to = Math.min(source.length(), at + random.nextInt(12));
        switch (random.nextInt(5)) {
            case 0 -> source.delete(at, to);
            case 1 -> source.insert(at, PIECES[random.nextInt(PIECES.length)]);
            case 2 -> source.replace(at, to, PIECES[random.nextInt(PIECES.length)]);
            case 3 -> source.insert(at, source.substring(at, to));
            default -> {
                String other = pick(random, templates);
                int from = random.nextInt(other.length() + 1);
                source.insert(at, other.substring(from, Math.min(other.length(), from + random.nextInt(20))));
            }
        }
    }

    private static void render(String source) {
        try {
            Template.compile("fuzz", source, LIMITS).render(TemplateTest.VARIABLES);
        } catch (TemplateException expected) {
            // Refused as it should be.
        } catch (RuntimeException | Error failure) {
            throw new AssertionError("on the template " + source, failure);
        }
    }

    private static String pick(RandomGenerator random, List<String> templates) {
        return templates.get(random.nextInt(templates.size()));
    }

    private static List<String> templates() throws IOException {
        try (InputStream in = Objects.requireNonNull(TemplateFuzzTest.class.getResourceAsStream("cases.tsv"))) {
            List<String> templates = new ArrayList<>();
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n"))
                if (!line.startsWith("#")) templates.add(line.substring(0, line.indexOf('\t')).replace("\\n", "\n"));
            return templates;
        }
    }
}
