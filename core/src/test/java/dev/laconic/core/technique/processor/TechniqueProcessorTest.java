package dev.laconic.core.technique.processor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TechniqueProcessorTest {
    private static final String HEAD = """
            package t;
            import dev.laconic.core.technique.*;
            import java.util.*;
            """;
    private static final String TECHNIQUE =
            "@Technique(id = \"t\", stage = Stage.CACHE, fidelity = Fidelity.LOSSLESS, title = \"T\")\n";
    private static final String POINT =
            " implements dev.laconic.core.technique.sample.Trimmer {" + " public String describe() { return \"\"; } ";

    @TempDir
    Path out;

    static Stream<Arguments> badDeclarations() {
        return Stream.of(
                bad("public class T" + POINT + "private T() {} }", "expected a public constructor"),
                bad("class T" + POINT + "}", "expected a public concrete class, static if it is nested"),
                bad(
                        "public abstract class T" + POINT + "}",
                        "expected a public concrete class, static if it is nested"),
                bad("public class T<X>" + POINT + "}", "expected a class without type parameters"),
                bad("public class T {}", "implements no @ExtensionPoint of stage CACHE"),
                bad(constructor("int x"), "parameter x has no @Option"),
                bad(constructor("@Option(help = \" \") int x"), "option \"x\": help is blank"),
                bad(
                        constructor("@Option(help = \"h\", value = \"y\") int x"),
                        "default of option x: found \"y\", expected a whole number"),
                bad(
                        constructor("@Option(help = \"h\", value = \"9\", max = 8) long x"),
                        "default of option x: found \"9\", expected a whole number of at most 8"),
                bad(
                        constructor("@Option(help = \"h\", min = 9, max = 8) int x"),
                        "option \"x\": min 9.0 is above max 8.0"),
                bad(
                        constructor("@Option(help = \"h\", min = 9) String x"),
                        "option \"x\": min and max are for numbers"),
                bad(
                        constructor("@Option(help = \"h\") float x"),
                        "found type float, expected int, long, double, boolean, String, Path, Budget, an enum, or an Optional or List of one of these"),
                bad(constructor("@Option(help = \"h\") List x"), "found type java.util.List, expected"),
                bad(
                        constructor("@Option(help = \"h\") List<List<String>> x"),
                        "found type java.util.List<java.util.List<java.lang.String>>, expected"),
                bad(
                        constructor("@Option(help = \"h\") int x, @Option(name = \"x\", help = \"h\") int y"),
                        "option \"x\" is declared twice"),
                bad(
                        constructor("@Option(name = \"X\", help = \"h\") int x"),
                        "found option name \"X\", expected lower-case letters, digits, dots and dashes"),
                bad(
                        "public class T" + POINT + "public T(int a) {} public T(long a) {} }",
                        "found 2 public constructors, expected one with @Option on its parameters"),
                Arguments.of(
                        TECHNIQUE.replace("\"t\"", "\"T T\"") + "public class T" + POINT + "}",
                        "found id \"T T\", expected lower-case"),
                Arguments.of(
                        TECHNIQUE.replace("\"t\"", "\"none\"") + "public class T" + POINT + "}",
                        "id \"none\" is reserved"),
                Arguments.of(TECHNIQUE.replace("\"T\"", "\"\"") + "public class T" + POINT + "}", "title is blank"),
                Arguments.of(
                        TECHNIQUE.replace("\"T\"", "\"T\", paper = \"arXiv\"") + "public class T" + POINT + "}",
                        "found paper \"arXiv\", expected an arXiv identifier"),
                Arguments.of(
                        TECHNIQUE.replace("CACHE", "DECODE") + "public class T" + POINT + "}",
                        "implements no @ExtensionPoint of stage DECODE"),
                Arguments.of(
                        TECHNIQUE + "public class T" + POINT + "\n" + TECHNIQUE + "public static class U" + POINT
                                + "}}",
                        "id \"t\" is taken by t.T"));
    }

    private static Arguments bad(String type, String message) {
        return Arguments.of(TECHNIQUE + type, message);
    }

    private static String constructor(String parameters) {
        return "public class T" + POINT + "public T(" + parameters + ") {} }";
    }

    @ParameterizedTest
    @MethodSource("badDeclarations")
    void badDeclarationsDoNotCompile(String source, String message) {
        List<String> errors = compile(HEAD + source);
        assertThat(errors).hasSize(1);
        assertThat(errors.getFirst()).startsWith("@Technique: ").contains(message);
        assertThat(out.resolve("META-INF")).doesNotExist();
    }

    @Test
    void providersAreListedForTheServiceLoader() throws IOException {
        String nested = "public class Outer { " + TECHNIQUE + "public static class T" + POINT
                + "public T() {} public T(@Option(value = \"\\\"\\n\", help = \"50% of \\\\\") String x) {} } }";
        assertThat(compile(HEAD + nested)).isEmpty();
        assertThat(out.resolve("META-INF/services/dev.laconic.core.technique.TechniqueProvider"))
                .hasContent("t.OuterTProvider");
        assertThat(out.resolve("t/OuterTProvider.class")).exists();
    }

    @Test
    void nothingIsWrittenWhereThereIsNoTechnique() {
        assertThat(compile(HEAD + "public class T {}")).isEmpty();
        assertThat(out.resolve("META-INF")).doesNotExist();
    }

    private List<String> compile(String source) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(diagnostics, null, null)) {
            files.setLocationFromPaths(StandardLocation.CLASS_OUTPUT, List.of(out));
            String name = source.contains("class Outer") ? "Outer" : "T";
            JavaCompiler.CompilationTask task = compiler.getTask(
                    new StringWriter(),
                    files,
                    diagnostics,
                    List.of("-Xlint:all,-processing", "-Werror", "--release", "25"),
                    null,
                    List.of(new Source(name, source)));
            task.setProcessors(List.of(new TechniqueProcessor()));
            task.call();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return diagnostics.getDiagnostics().stream()
                .map(diagnostic -> diagnostic.getMessage(null))
                .toList();
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String className, String text) {
            super(URI.create("string:///t/" + className + ".java"), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }
}
