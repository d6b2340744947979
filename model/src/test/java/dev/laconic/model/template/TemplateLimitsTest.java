package dev.laconic.model.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.laconic.core.error.UsageException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TemplateLimitsTest {
    private static final int MANY = 50_000;
    private static final TemplateLimits SMALL = new TemplateLimits(300_000, 5_000_000, 1_000_000, 400);

    @Test
    void syntaxNestedTooDeepIsRefusedOnASmallStack() {
        for (String source : List.of(
                "{{ " + "(".repeat(MANY) + "1" + ")".repeat(MANY) + " }}",
                "{{ " + "[".repeat(MANY) + "]".repeat(MANY) + " }}",
                "{{ " + "{1:".repeat(MANY) + "1" + "}".repeat(MANY) + " }}",
                "{{ " + "not ".repeat(MANY) + "1 }}",
                "{{ " + "- ".repeat(MANY) + "1 }}",
                "{{ " + "x[".repeat(MANY) + "1" + "]".repeat(MANY) + " }}",
                "{{ " + "1|d(".repeat(MANY) + "1" + ")".repeat(MANY) + " }}",
                "{{ " + "1 if x else ".repeat(MANY) + "1 }}",
                "{{ " + "x(".repeat(MANY) + "1" + ")".repeat(MANY) + " }}",
                "{% if 1 %}".repeat(MANY) + "{% endif %}".repeat(MANY),
                "{% for a in x %}".repeat(MANY) + "{% endfor %}".repeat(MANY),
                "{% set " + "(".repeat(MANY) + "a" + ")".repeat(MANY) + " = 1 %}",
                "{% call x() %}".repeat(MANY)))
            assertThat(onSmallStack(source)).contains("found syntax nested more than 100 deep");
    }

    @Test
    void chainsTooLongIsRefusedOnASmallStack() {
        for (String source : List.of(
                "{{ 1" + "+1".repeat(MANY) + " }}",
                "{{ 1" + "**1".repeat(MANY) + " }}",
                "{{ 1" + " and 1".repeat(MANY) + " }}",
                "{{ x" + ".a".repeat(MANY) + " }}",
                "{{ x" + "()".repeat(MANY) + " }}",
                "{{ x" + "[1]".repeat(MANY) + " }}",
                "{{ 1" + "|string".repeat(MANY) + " }}"))
            assertThat(onSmallStack(source)).contains("nested more than 400 deep");
        assertThat(onSmallStack("{{ 1" + "+1".repeat(300) + " }}")).isEqualTo("301");
        assertThat(onSmallStack("{{ 1" + "~1".repeat(MANY) + " }}")).hasSize(MANY + 1);
        assertThat(onSmallStack("{% if x %}" + "{% elif x %}".repeat(MANY) + "{% endif %}")).isEmpty();
    }

    @Test
    void endlessRecursionIsRefusedOnASmallStack() {
        for (String source : List.of(
                "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
                "{% macro m(x) %}{% for i in [1] %}{% set y %}{{ [m([x])]|join }}{% endset %}{% endfor %}{% endmacro %}"
                        + "{{ m(1) }}",
                "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
                "{% macro m() %}{% call m() %}{{ caller() }}{% endcall %}{% endmacro %}{{ m() }}",
                "{% set ns = namespace() %}{% set ns.x = ns %}{{ ns }}"))
            assertThat(onSmallStack(source)).contains("nested more than 400 deep");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{{ ns.x }}", "{{ ns.x == ns.y }}", "{{ ns.x|tojson }}", "{{ ns.x < ns.y }}"})
    void valuesNestedTooDeepOrTooOftenAreRefused(String use) {
        String deep = "{% set ns = namespace(x=[1], y=[1]) %}{% for i in range(2000) %}{% set ns.x = [ns.x] %}"
                + "{% set ns.y = [ns.y] %}{% endfor %}" + use;
        assertThat(onSmallStack(deep)).contains("nested more than 400 deep");
        String wide = "{% set ns = namespace(x=[1], y=[1]) %}{% for i in range(99) %}{% set ns.x = [ns.x, ns.x] %}"
                + "{% set ns.y = [ns.y, ns.y] %}{% endfor %}" + use;
        assertThat(onSmallStack(wide)).contains("the limit");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
                "{% set ns = namespace(x='ab') %}{% for i in range(100) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
                "{{ 'a' * 10**12 }}",
                "{{ ('a' * 10**6) * 10**15 }}",
                "{{ [1] * 10**10 }}",
                "{{ ('a' * 10**6)|replace('', 'b' * 10**6) }}",
                "{{ ('a' * 10**6).replace('a', 'b' * 10**6) }}",
                "{{ 'a'.center(10**10) }}",
                "{{ 'a'.zfill(10**10) }}",
                "{{ '\t'.expandtabs(10**10) }}",
                "{{ 'a\nb'|indent(10**10) }}",
                "{{ [1]|batch(10**10, 1)|list }}",
                "{{ [1]|slice(10**10)|list }}",
                "{% set s = 'a' * 10**6 %}{% set u = 'a' * 10**6 %}{% for a in range(9999) %}{{ s == u }}{% endfor %}",
                "{% set l = range(9999)|list %}{% for a in range(9999) %}{% set x = l|sort %}{% endfor %}",
                "{% set s = 'a ' * 9999 %}{% for i in range(9999) %}{% set w = s.split() %}{% endfor %}",
                "{% for i in range(99999) %}{{ 'a' * 1000 }}{% endfor %}",
                "{% set ns = namespace(x=none) %}{% for i in range(99999) %}{% for j in range(99) %}"
                        + "{% set ns.x = {'p': ns.x} %}{% endfor %}{% endfor %}"
            })
    void whatTakesTooMuchIsRefused(String source) {
        assertThatThrownBy(() -> Template.compile("greedy", source, SMALL).render(Map.of()))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("the limit");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ '%999999999d' % 1 }}",
                "{{ '%.999999999f' % 1.5 }}",
                "{{ '{:999999999}'.format(1) }}",
                "{{ '{0:{1}}'.format(1, 999999999) }}",
                "{{ range(10**9) }}",
                "{{ range(-2**62, 2**62) }}",
                "{{ 2 ** 10**18 }}",
                "{{ (-9223372036854775807 - 1) // -1 }}"
            })
    void numbersOutOfBoundsAreRefused(String source) {
        assertThatThrownBy(() -> Template.compile("huge", source).render(Map.of()))
                .isInstanceOf(TemplateException.class);
    }

    @Test
    void longSearchesTakeLinearTime() {
        String source = "{{ ('a' * 10**6).find('a' * 10**5 ~ 'b') }}{{ ('a' * 10**6 ~ 'b') in ('a' * 10**6) }}"
                + "{{ ('ab' * 10**5).split('ab' * 99 ~ 'c')|length }}{{ ('a' * 10**6).rfind('b' ~ 'a' * 10**5) }}";
        assertThat(Template.compile("search", source).render(Map.of()).text()).isEqualTo("-1False1-1");
    }

    @Test
    void aLongConversationStaysWithinTheLimits() {
        List<Map<String, String>> messages = Collections.nCopies(
                2_000, Map.of("role", "user", "content", " word".repeat(200)));
        String source =
                "{% for m in messages %}{{ '<' + m['role'] + '>' + m['content'] | trim + '</s>\n' }}{% endfor %}";
        assertThat(Template.compile("long", source)
                        .render(Map.of("messages", messages))
                        .text())
                .hasSize(2_000 * (6 + 999 + 5));
    }

    @Test
    void limitsAreChecked() {
        assertThatThrownBy(() -> new TemplateLimits(1, 1, 1, 401)).isInstanceOf(UsageException.class);
        assertThatThrownBy(() -> new TemplateLimits(0, 1, 1, 1)).isInstanceOf(UsageException.class);
    }

    /** What rendering gives, or the message of its failure, on a thread with half the usual stack. */
    private static String onSmallStack(String source) {
        AtomicReference<String> result = new AtomicReference<>();
        Thread thread = new Thread(
                null,
                () -> {
                    try {
                        result.set(Template.compile("deep", source, SMALL).render(Map.of()).text());
                    } catch (TemplateException e) {
                        result.set(e.getMessage());
                    } catch (StackOverflowError e) {
                        result.set("StackOverflowError");
                    }
                },
                "small stack",
                512 * 1024);
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return result.get();
    }
}
