package dev.laconic.core.technique;

import static org.assertj.core.api.Assertions.assertThat;

import dev.laconic.core.technique.processor.TechniqueProcessor;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The worked example of CONTRIBUTING.md compiles, and what the page says of it is so. */
class ContributingTest {

    @TempDir
    Path folder;

    @Test
    void theExampleRegistersItself() throws Exception {
        String page = Files.readString(Path.of("../CONTRIBUTING.md"));
        compile(page.substring(page.indexOf("```java\n") + 8, page.indexOf("\n```\n", page.indexOf("```java\n"))));
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            List<TechniqueProvider> providers = ServiceLoader.load(TechniqueProvider.class, loader).stream()
                    .map(ServiceLoader.Provider::get)
                    .filter(provider -> provider.type().getClassLoader() == loader)
                    .toList();
            Techniques techniques = Techniques.of(providers);
            TechniqueSpec spec = new TechniqueSpec("streaming-llm", Map.of("sinks", "2", "window", "510"));
            assertThat(page)
                    .contains(
                            "--cache streaming-llm:sinks=2,window=510",
                            "cache: [streaming-llm: {sinks: 2, window: 510}]");
            assertThat(PipelineSpec.NONE
                            .with(Stage.CACHE, "streaming-llm:sinks=2,window=510")
                            .stage(Stage.CACHE))
                    .containsExactly(spec);
            assertThat(techniques.create(Stage.CACHE, spec).getClass().getName())
                    .isEqualTo("example.StreamingLlm");
        }
    }

    private void compile(String source) throws IOException {
        Path file = Files.writeString(folder.resolve("StreamingLlm.java"), source);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            files.setLocationFromPaths(StandardLocation.CLASS_OUTPUT, List.of(folder));
            JavaCompiler.CompilationTask task = compiler.getTask(
                    null,
                    files,
                    null,
                    List.of("-Xlint:all,-processing", "-Werror"),
                    null,
                    files.getJavaFileObjects(file));
            task.setProcessors(List.of(new TechniqueProcessor()));
            assertThat(task.call()).as("compiles").isTrue();
        }
    }
}
