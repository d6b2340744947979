package dev.laconic.model.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.laconic.core.error.UsageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

class TemplateTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2024-07-06T15:04:09Z"), ZoneOffset.UTC);

    static final Map<String, Object> VARIABLES = map(
            "s", "some Text",
            "n", 5,
            "f", 2.5,
            "t", true,
            "l", List.of(3, 1, 2),
            "ls", List.of("b", "A", "c", "a"),
            "d", map("k", "v", "b", 1, "A", List.of(1, 2), "items", 7),
            "ld",
                    List.of(
                            map("a", 1, "n", "x"),
                            map("a", 2, "n", "Y"),
                            map("a", 1, "n", "z", "o", null),
                            map("n", "q")),
            "nested", map("a", map("b", List.of(1, map("c", "deep")))),
            "empty", List.of(),
            "b", false,
            "xs", List.of(1, 2, 3),
            "m", List.of(map("role", "user", "content", "hi"), map("role", "assistant", "content", "yo")));

    @Test
    void rendersWhatJinjaRenders() throws IOException {
        SoftAssertions cases = new SoftAssertions();
        for (String line : lines("cases.tsv")) {
            if (line.startsWith("#")) continue;
            String[] parts = line.split("\t", -1);
            String source = unescape(parts[0]);
            String expected = parts[1].equals("!") ? "!" : unescape(parts[1]);
            cases.assertThat(result(source)).as("%s", parts[0]).isEqualTo(expected);
        }
        cases.assertAll();
    }

    private static String result(String source) {
        try {
            return "="
                    + Template.compile("case", source).render(VARIABLES, CLOCK).text();
        } catch (TemplateException e) {
            return "!";
        }
    }

    @Test
    void errorsSayWhereWhatWasFoundAndWhatIsExpected() {
        fails("a\n{{ 1 +\n\n* }}", 4, "found '*', expected an expression");
        fails("{% if x %}\n{% for i in x %}", 2, "inside 'for', expected else or endfor");
        fails("{% if x %}{% endfor %}", 1, "found the tag 'endfor', expected a statement or the end of 'if'");
        fails("\n{{ 'open }}", 2, "found a string without an end");
        fails("{{ 'x' $ }}", 1, "found the character '$'");
        fails("{{ (1] }}", 1, "found ']', expected ')'");
        fails("{# a\n", 1, "expected '#}'");
        fails("{{ 1", 1, "expected '}}'");
        fails("{{ 1 }", 1, "found '}' that nothing opened");
        fails("{% set 5 = 1 %}", 1, "found an integer '5', expected a name");
        fails("\n\n{{ s + 1 }}", 3, "found a string + an integer");
        fails("{{ nothing.x }}", 1, "'nothing' is undefined, expected something with 'x'");
        fails("{{ d.zz.y }}", 1, "a mapping has no 'zz', expected something with 'y'");
        fails("{{ s | nope }}", 1, "found the unknown filter 'nope', expected one of: abs, ");
        fails("{{ s is nope }}", 1, "found the unknown test 'nope', expected one of: ");
        fails("{% include 'x' %}", 1, "'include', which chat templates do not have");
        fails("{{ xs.append(4) }}", 1, "'append' of a list may not be used in a template");
        fails("{{ raise_exception('no system') }}", 1, "the template refuses: no system");
        fails("{% macro m(a) %}\n{{ a.zz.c }}{% endmacro %}{{ m(d) }}", 2, "a mapping has no 'zz'");
        fails("{{ s | replace }}", 1, "replace: found no value for the argument old");
        fails("{{ range(1000000) }}", 1, "found 1000000 numbers, expected at most 100000");
        fails("{{ 9223372036854775807 + 1 }}", 1, "beyond 64 bits");
        fails("{{ 99999999999999999999 }}", 1, "at most 64 bits");
        fails("{{ xs | tojson | length + none }}", 1, "found an integer + none");
    }

    private static void fails(String source, int line, String message) {
        assertThatThrownBy(() -> Template.compile("chat.jinja", source).render(VARIABLES))
                .as(source)
                .isInstanceOfSatisfying(TemplateException.class, e -> {
                    assertThat(e.line()).isEqualTo(line);
                    assertThat(e.template()).isEqualTo("chat.jinja");
                })
                .hasMessageStartingWith("template chat.jinja, line " + line + ": ")
                .hasMessageContaining(message);
    }

    @Test
    void saysWhatGenerationBlocksWrote() {
        Template template = Template.compile(
                "spans",
                "{% for m in m %}<{{ m.role }}>{% if m.role == 'assistant' %}{% generation %}{{ m.content }}!"
                        + "{% endgeneration %}{% else %}{{ m.content }}{% endif %}{% endfor %}"
                        + "{% macro say(x) %}[{% generation %}{{ x }}{% endgeneration %}]{% endmacro %}"
                        + "{{ say('héy') }}");
        Rendering rendering = template.render(VARIABLES);
        assertThat(rendering.text()).isEqualTo("<user>hi<assistant>yo![héy]");
        assertThat(rendering.generated().stream()
                        .map(span -> rendering.text().substring(span.from(), span.to())))
                .containsExactly("yo!", "héy");
        assertThat(template.generates()).isTrue();
        assertThat(Template.compile("none", "{{ x }}").generates()).isFalse();
    }

    @Test
    void knowsTheWordsOfTheTemplate() {
        assertThat(Template.compile("words", "{{ tools.x['y'] }}{% if message['tool_calls'] %}{% endif %} text")
                        .words())
                .contains("tools", "x", "y", "message", "tool_calls")
                .doesNotContain("text");
    }

    @Test
    void takesJavaValues() {
        Map<String, Object> variables = map(
                "a", (short) 1, "b", 2L, "c", 1.5f, "d", new StringBuilder("sb"), "e", Arrays.asList(1, null), "f",
                null, "g", map("k", List.of(true)));
        assertThat(Template.compile("values", "{{ [a, b, c, d, e, f, g] }}")
                        .render(variables)
                        .text())
                .isEqualTo("[1, 2, 1.5, 'sb', [1, None], None, {'k': [True]}]");
        assertThatThrownBy(() -> Template.compile("values", "").render(Map.of("x", new Object())))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("template variable x: found a Object");
        Object deep = List.of();
        for (int i = 0; i < 5000; i++) deep = List.of(deep);
        Object value = deep;
        assertThatThrownBy(() -> Template.compile("values", "").render(Map.of("x", value)))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("nested");
    }

    @Test
    void isSafeForSeveralThreads() {
        Template template = Template.compile(
                "shared",
                "{% set ns = namespace(i=0) %}{% for x in range(n) %}{% set ns.i = ns.i + 1 %}{% endfor %}{{ ns.i }}");
        List<String> results = Collections.nCopies(64, 200).parallelStream()
                .map(n -> template.render(Map.of("n", n)).text())
                .toList();
        assertThat(results).containsOnly("200");
    }

    private static List<String> lines(String resource) throws IOException {
        try (InputStream in = Objects.requireNonNull(TemplateTest.class.getResourceAsStream(resource))) {
            return Arrays.asList(new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n"));
        }
    }

    private static String unescape(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\') {
                out.append(c);
                continue;
            }
            out.append(
                    switch (text.charAt(++i)) {
                        case 'n' -> '\n';
                        case 'r' -> '\r';
                        case 't' -> '\t';
                        default -> '\\';
                    });
        }
        return out.toString();
    }

    static Map<String, Object> map(Object... entries) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < entries.length; i += 2) map.put((String) entries[i], entries[i + 1]);
        return map;
    }
}
