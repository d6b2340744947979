package dev.laconic.bench.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.laconic.bench.synthetic.RandomLlama;
import dev.laconic.bench.synthetic.Shape;
import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.error.UsageException;
import dev.laconic.core.tensor.TensorType;
import dev.laconic.kernels.KvType;
import dev.laconic.kernels.MachineLimits;
import dev.laconic.model.load.LoadedModel;
import dev.laconic.model.load.ModelLoader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;

class SpeedBenchTest {
    private static final MachineLimits LIMITS = new MachineLimits(1, 100e9, 400e9, 20e9);

    @TempDir
    Path folder;

    @Test
    void promptsAndGenerationAreTimedAtDepths() {
        Path file = folder.resolve("small.gguf");
        RandomLlama.write(new Shape(2, 96, 6, 2, 256, 1_000, 256, 10_000), TensorType.Q8_0, 1, file);
        try (LoadedModel loaded = ModelLoader.open(file, ModelLoader.Options.DEFAULTS);
                SpeedBench bench = new SpeedBench(loaded.model(), "small", KvType.F16, () -> LIMITS, 0, () -> false)) {
            SpeedResult prompt = bench.run(new SpeedTest(40, 0, 0, 1), 2);
            assertThat(prompt.rates()).hasSize(2);
            assertThat(prompt.mean()).isPositive();
            assertThat(prompt.limit()).isEqualTo(prompt.kernels().startsWith("native") ? "integer" : "fma");
            SpeedResult generation = bench.run(new SpeedTest(0, 5, 100, 1), 3);
            assertThat(generation.rates()).hasSize(3);
            assertThat(generation.limit()).isEqualTo("bandwidth");
            assertThat(generation.share()).isPositive();
            assertThat(bench.run(new SpeedTest(8, 0, 20, 1), 1).rates()).hasSize(1);
            assertThatThrownBy(() -> bench.run(new SpeedTest(8, 0, 250, 1), 1))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("pp8 @ d250 takes 258 positions");
        }
    }

    @Test
    void resultsSpeakOfTokensASecond() {
        SpeedTest test = new SpeedTest(0, 128, 4096, 2);
        SpeedResult result = new SpeedResult("m", "k", test, new double[] {1, 2}, LIMITS, "bandwidth", 0.5);
        assertThat(test.label()).isEqualTo("tg128 @ d4096");
        assertThat(result.rates()).containsExactly(128, 64);
        assertThat(result.mean()).isEqualTo(96);
        assertThat(result.deviation()).isCloseTo(45.25, within(0.01));
        assertThat(result.toMap()).containsEntry("n_gen", 128).containsEntry("n_depth", 4096).containsEntry("avg_ts", 96.0);
    }

    @Test
    void aPeersResultsAreFoundByTest() throws IOException {
        Peer peer = peer("""
                [{"build_commit": "abc", "n_prompt": 512, "n_gen": 0, "n_depth": 0, "n_threads": 2, "avg_ns": 10,
                  "avg_ts": 118.5, "stddev_ts": 0.7, "samples_ts": [118, 119]},
                 {"n_prompt": 0, "n_gen": 128, "n_threads": 2, "avg_ts": 21}]
                """);
        assertThat(peer.rate(new SpeedTest(512, 0, 0, 2))).contains(118.5);
        assertThat(peer.rate(new SpeedTest(0, 128, 0, 2))).contains(21.0);
        assertThat(peer.rate(new SpeedTest(0, 128, 0, 1))).isEmpty();
        assertThat(peer("{\"n_prompt\":1,\"n_gen\":0,\"n_threads\":1,\"avg_ts\":2}\n{\"n_prompt\":3,\"n_gen\":0,\"n_threads\":1,\"avg_ts\":4}")
                        .rate(new SpeedTest(3, 0, 0, 1)))
                .contains(4.0);
    }

    @Test
    void whatIsNoPeersResultIsRefused() {
        assertThatThrownBy(() -> peer("[{\"n_prompt\": \"many\"}]"))
                .isInstanceOf(MalformedInputException.class)
                .hasMessageContaining("n_prompt")
                .hasMessageContaining("many");
        assertThatThrownBy(() -> peer("[{\"n_prompt\":1,\"n_gen\":0,\"n_threads\":1}]"))
                .isInstanceOf(MalformedInputException.class)
                .hasMessageContaining("avg_ts");
        assertThatThrownBy(() -> peer("{\"n_prompt\":1,")).isInstanceOf(MalformedInputException.class);
        assertThatThrownBy(() -> Peer.read(folder.resolve("absent"))).isInstanceOf(UsageException.class);
    }

    private Peer peer(String json) throws IOException {
        return Peer.read(Files.writeString(folder.resolve("peer.json"), json));
    }

    @Test
    void aRooflineShowsEverySeriesBelowTheLimits() throws Exception {
        List<ProductResult> results = List.of(
                new ProductResult("native-avx512/int8, vector-512", TensorType.Q8_0, 1, 1, 30e9, 16e9),
                new ProductResult("native-avx512/int8, vector-512", TensorType.Q8_0, 512, 1, 300e9, 0.3e9),
                new ProductResult("vector-512", TensorType.F32, 512, 1, 80e9, 0.3e9));
        assertThat(results.get(0).share(LIMITS)).isCloseTo(0.8, within(1e-9));
        assertThat(results.get(1).share(LIMITS)).isCloseTo(0.75, within(1e-9));
        assertThat(results.get(2).share(LIMITS)).isCloseTo(0.8, within(1e-9));
        String svg = Roofline.svg(LIMITS, results);
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
        assertThat(svg).contains("native Q8_0", "vector F32", "8-bit integers: 400 GOP/s");
        assertThat(svg.split("<circle", -1)).hasSize(4);
    }
}
