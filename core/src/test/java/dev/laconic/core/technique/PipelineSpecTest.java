package dev.laconic.core.technique;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.laconic.core.error.UsageException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PipelineSpecTest {

    @Test
    void itemsStartOrContinueATechnique() {
        assertThat(chain("ems:budget=256,window=32,zipcache:bits=4,plain"))
                .containsExactly(
                        new TechniqueSpec("ems", options("budget", "256", "window", "32")),
                        new TechniqueSpec("zipcache", options("bits", "4")),
                        new TechniqueSpec("plain"));
        assertThat(chain("a , b: k = v w ,c"))
                .containsExactly(
                        new TechniqueSpec("a"), new TechniqueSpec("b", options("k", "v w")), new TechniqueSpec("c"));
        assertThat(chain("a:path=C:\\x=y,url=http://h/p"))
                .containsExactly(new TechniqueSpec("a", options("path", "C:\\x=y", "url", "http://h/p")));
        assertThat(chain("none")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ",",
                "a,",
                "a:",
                "a:b",
                "a:b:c=1",
                "k=v",
                "A:k=v",
                "a:k=1,k=2",
                "a:k=\"x",
                "a:k=\"x\"y",
                "a b",
                "a:=v",
                "a:k=v,=w",
                "\"a\""
            })
    void whatIsNoChainIsRefused(String text) {
        assertThatThrownBy(() -> chain(text))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("cache \"" + text);
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '\'', textBlock = """
            'ems:budget',          'found the end, expected ''='' and a value after "budget"'
            'budget=3',            'option "budget" stands before any technique, expected id:budget=value'
            'a:k=1,k=2',           'a: option "k" is set twice'
            'a:k="x',              'found the end, expected a closing double quote'
            'a:k="x"y',            'found "y", expected '','' or the end'
            'a,B:k=1',             'found "B:k=1", expected a name of lower-case letters, digits, dots and dashes'
            """)
    void errorsSayWhere(String text, String message) {
        assertThatThrownBy(() -> chain(text)).hasMessage("cache \"" + text + "\": " + message);
    }

    @Test
    void treesOfAnotherShapeAreRefused() {
        assertTree(
                Map.of("cash", "a"),
                "unknown stage \"cash\"; did you mean \"cache\"? stages: tokenize, prompt, prefill, cache, decode, serve, weights, train, data, media");
        assertTree(Map.of("cache", 3), "cache: found 3, expected text or a list of techniques");
        assertTree(
                Map.of("cache", List.of(3)),
                "cache: found 3, expected a technique's id or a map from it to its options");
        assertTree(
                Map.of("cache", List.of(Map.of("a", List.of()))),
                "cache a: found [], expected a map from options to values");
        assertTree(
                Map.of("cache", List.of(Map.of("a", Map.of("k", Map.of())))),
                "cache a: k: found {}, expected text, a number, true, false or a list of these");
        assertTree(
                Map.of("cache", List.of(Map.of("A", Map.of()))),
                "cache: found A, expected a name of lower-case letters, digits, dots and dashes");
    }

    private static void assertTree(Map<String, ?> tree, String message) {
        assertThatThrownBy(() -> PipelineSpec.of(tree))
                .isInstanceOf(UsageException.class)
                .hasMessage(message);
    }

    @Test
    void textAndTreeRoundTrip() {
        for (long seed = 0; seed < 500; seed++) {
            RandomGenerator random = new SplittableRandom(seed);
            PipelineSpec pipeline = randomPipeline(random);
            PipelineSpec read = PipelineSpec.NONE;
            for (Stage stage : Stage.values()) read = read.with(stage, pipeline.print(stage));
            assertThat(read).as("seed %d: %s", seed, pipeline).isEqualTo(pipeline);
            assertThat(PipelineSpec.of(pipeline.toMap()))
                    .as("seed %d: %s", seed, pipeline)
                    .isEqualTo(pipeline);
        }
    }

    @Test
    void listsRoundTrip() {
        for (long seed = 0; seed < 500; seed++) {
            RandomGenerator random = new SplittableRandom(seed);
            List<String> elements = new ArrayList<>();
            for (int i = 1 + random.nextInt(4); i > 0; i--) elements.add("x" + randomText(random));
            assertThat(OptionInfo.split(OptionInfo.join(elements)))
                    .as("seed %d", seed)
                    .isEqualTo(elements);
        }
    }

    private static PipelineSpec randomPipeline(RandomGenerator random) {
        Map<Stage, List<TechniqueSpec>> stages = new EnumMap<>(Stage.class);
        for (int i = random.nextInt(4); i > 0; i--) {
            List<TechniqueSpec> chain = new ArrayList<>();
            for (int j = random.nextInt(4); j > 0; j--) {
                Map<String, String> options = new LinkedHashMap<>();
                for (int k = random.nextInt(4); k > 0; k--) options.put("k" + random.nextInt(9), randomText(random));
                chain.add(new TechniqueSpec("t-" + random.nextInt(99), options));
            }
            stages.put(Stage.values()[random.nextInt(Stage.values().length)], chain);
        }
        return new PipelineSpec(stages);
    }

    private static String randomText(RandomGenerator random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(8); i > 0; i--) text.append(",:=\"\\+ ab0\n\u00e9".charAt(random.nextInt(12)));
        return text.toString();
    }

    private static List<TechniqueSpec> chain(String text) {
        return PipelineSpec.NONE.with(Stage.CACHE, text).stage(Stage.CACHE);
    }

    private static Map<String, String> options(String... keysAndValues) {
        Map<String, String> options = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) options.put(keysAndValues[i], keysAndValues[i + 1]);
        return options;
    }
}
