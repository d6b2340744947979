package dev.laconic.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.laconic.core.error.LaconicException;
import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.error.UnsupportedModelException;
import dev.laconic.format.gguf.GgufWriter;
import dev.laconic.testkit.Forked;
import dev.laconic.testkit.SharedData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files made to break readers: refused with a clear error, or loaded where only a model or a vocabulary can tell. */
class HostileFilesTest {
    /** What these say is well-formed GGUF; what it means is for those who build the model or the vocabulary to judge. */
    private static final Set<String> WELL_FORMED_GGUF = Set.of(
            "00-valid-baseline.gguf",
            "architecture-unknown.gguf",
            "architecture-wrong-type.gguf",
            "block-count-4-billion.gguf",
            "block-count-negative-int32.gguf",
            "context-length-0.gguf",
            "expert-used-exceeds-expert-count.gguf",
            "head-count-0.gguf",
            "head-count-3-does-not-divide.gguf",
            "kv-heads-0.gguf",
            "missing-architecture.gguf",
            "missing-head-count.gguf",
            "rope-dimension-count-larger-than-head.gguf",
            "rope-freq-base-0.gguf",
            "tensor-missing.gguf",
            "tensor-transposed.gguf",
            "tensor-wrong-shape.gguf",
            "tokens-array-of-int.gguf",
            "vocab-byte-token-0x-1.gguf",
            "vocab-duplicate-token.gguf",
            "vocab-empty.gguf",
            "vocab-score-nan.gguf",
            "vocab-scores-shorter-than-tokens.gguf",
            "weights-contain-nan-and-inf.gguf");

    private static final Set<String> WELL_FORMED_SAFETENSORS =
            Set.of("00-valid-baseline.safetensors", "20k-empty-entries.safetensors");

    @TempDir
    Path folder;

    @Test
    void brokenGgufFilesAreRefusedByName() throws IOException {
        assertLoaded("parity/hostile/gguf", WELL_FORMED_GGUF);
    }

    @Test
    void brokenSafetensorsFilesAreRefusedByName() throws IOException {
        assertLoaded("parity/hostile/safetensors", WELL_FORMED_SAFETENSORS);
    }

    @Test
    void aSmallHeapIsEnoughForAllOfThem() throws Exception {
        Path gguf = SharedData.require("parity/hostile/gguf");
        Path safetensors = SharedData.require("parity/hostile/safetensors");
        Forked.Result result = Forked.run(
                folder,
                120,
                List.of("-Xmx256m", "--enable-native-access=ALL-UNNAMED"),
                OpenAll.class.getName(),
                List.of(gguf.toString(), safetensors.toString()));
        assertThat(result.exit()).as(result.output()).isZero();
        assertThat(result.output().lines())
                .hasSize(files(gguf).size() + files(safetensors).size());
    }

    @Test
    void longArraysDoNotGrowTheHeapOutOfProportion() throws Exception {
        Path bytes = folder.resolve("bytes.gguf");
        new GgufWriter().uint8s("a", new byte[20_000_000]).write(bytes);
        Path strings = folder.resolve("strings.gguf");
        new GgufWriter().strings("a", Collections.nCopies(2_000_000, "")).write(strings);
        Forked.Result result = Forked.run(
                folder,
                120,
                List.of("-Xmx256m", "--enable-native-access=ALL-UNNAMED"),
                OpenAll.class.getName(),
                List.of(folder.toString()));
        assertThat(result.exit()).as(result.output()).isZero();
        assertThat(result.output())
                .contains("metadata \"a\": found 20000000, expected at most", "strings.gguf: 0 tensors");
    }

    /** Opens every file in the folders named on the command line and prints a line for each. */
    static final class OpenAll {
        private OpenAll() {}

        public static void main(String[] folders) throws IOException {
            for (String folder : folders)
                for (Path file : files(Path.of(folder))) {
                    try (ModelFile model = ModelFiles.open(file, Optional.empty())) {
                        System.out.println(
                                file.getFileName() + ": " + model.tensors().size() + " tensors");
                    } catch (LaconicException e) {
                        System.out.println(e.getMessage());
                    }
                }
        }
    }

    private static void assertLoaded(String hostile, Set<String> wellFormed) throws IOException {
        Set<String> loaded = new TreeSet<>();
        for (Path file : files(SharedData.require(hostile))) {
            try (ModelFile model = ModelFiles.open(file, Optional.empty())) {
                loaded.add(model.path().getFileName().toString());
            } catch (MalformedInputException | UnsupportedModelException e) {
                assertThat(e.getMessage())
                        .startsWith(file + ": ")
                        .containsAnyOf(", expected ", "supported are: ")
                        .hasSizeLessThan(1000);
            }
        }
        assertThat(loaded).isEqualTo(new TreeSet<>(wellFormed));
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }
}
