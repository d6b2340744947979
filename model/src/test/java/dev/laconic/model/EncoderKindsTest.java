package dev.laconic.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.laconic.core.error.UsageException;
import dev.laconic.core.tensor.Tensor;
import dev.laconic.format.Metadata;
import dev.laconic.format.ModelFile;
import dev.laconic.kernels.KernelOptions;
import dev.laconic.kernels.Kernels;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Encoders there are no reference files of, by what must be the same written in two ways. */
class EncoderKindsTest {
    private static final int WIDTH = 32;
    private static final int INNER = 48;
    private static final int VOCABULARY = 64;
    private static final int[] IDS = {0, 7, 9, 33, 12, 60, 1};

    /** Tensors and metadata under way. */
    private static final class File implements ModelFile {
        private final SequencedMap<String, Object> values = new LinkedHashMap<>();
        private final SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        private final SplittableRandom random = new SplittableRandom(11);
        private final String architecture;

        File(String architecture) {
            this.architecture = architecture;
            values.put("general.architecture", architecture);
            put("block_count", 2L).put("embedding_length", (long) WIDTH).put("context_length", 128L)
                    .put("feed_forward_length", (long) INNER).put("attention.head_count", 4L)
                    .put("attention.layer_norm_epsilon", 1e-12).put("attention.causal", false).put("pooling_type", 1L);
            random("token_embd.weight", VOCABULARY, WIDTH);
            norm("token_embd_norm");
            random("token_types.weight", 2, WIDTH);
            for (int layer = 0; layer < 2; layer++) {
                String block = "blk." + layer + ".";
                for (String part : new String[] {"attn_q", "attn_k", "attn_v", "attn_output"}) {
                    random(block + part + ".weight", WIDTH, WIDTH);
                    random(block + part + ".bias", WIDTH);
                }
                norm(block + "attn_output_norm");
                norm(block + "layer_output_norm");
            }
        }

        File put(String key, Object value) {
            values.put(architecture + "." + key, value);
            return this;
        }

        float[] random(String name, long... shape) {
            float[] elements = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
            for (int i = 0; i < elements.length; i++) elements[i] = (float) random.nextGaussian() * 0.3f;
            tensor(name, elements, shape);
            return elements;
        }

        void tensor(String name, float[] elements, long... shape) {
            tensors.put(name, Tensor.of(name, elements, shape));
        }

        void norm(String name) {
            float[] weight = random(name + ".weight", WIDTH);
            for (int i = 0; i < WIDTH; i++) weight[i] += 1;
            random(name + ".bias", WIDTH);
        }

        @Override
        public Path path() {
            return Path.of("encoder.gguf");
        }

        @Override
        public Metadata metadata() {
            return new Metadata("encoder.gguf", values);
        }

        @Override
        public SequencedMap<String, Tensor> tensors() {
            return tensors;
        }

        @Override
        public void close() {}
    }

    private static float[] embed(File file) {
        try (Model model = Model.of(file, kernels(), Optional.empty())) {
            return Embedder.of(model).embed(IDS);
        }
    }

    private static Kernels kernels() {
        return Kernels.of(KernelOptions.defaults().withProvider("scalar").withThreads(1));
    }

    private static void assertSame(float[] actual, float[] expected) {
        for (int i = 0; i < expected.length; i++) assertThat(actual[i]).isCloseTo(expected[i], within(1e-5f));
    }

    private static float[] join(float[] first, float[] second) {
        float[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    private static File jina(boolean fused) {
        File file = new File("jina-bert-v2");
        for (int layer = 0; layer < 2; layer++) {
            String block = "blk." + layer + ".";
            float[] gate = file.random(block + "ffn_gate.weight", INNER, WIDTH);
            float[] up = file.random(block + "ffn_up.weight", INNER, WIDTH);
            file.random(block + "ffn_down.weight", WIDTH, INNER);
            file.random(block + "ffn_down.bias", WIDTH);
            if (!fused) continue;
            file.tensors.remove(block + "ffn_gate.weight");
            file.tensor(block + "ffn_up.weight", join(gate, up), 2L * INNER, WIDTH);
        }
        return file;
    }

    @Test
    void jinasGateMayLieInTheUpMatrix() {
        assertSame(embed(jina(true)), embed(jina(false)));
    }

    @Test
    void jinaNormsQueriesKeysAndTheAttentionAgain() {
        File plain = jina(false);
        File normed = jina(false);
        for (int layer = 0; layer < 2; layer++) {
            normed.norm("blk." + layer + ".attn_q_norm");
            normed.norm("blk." + layer + ".attn_k_norm");
            normed.norm("blk." + layer + ".attn_norm_2");
        }
        assertThat(embed(normed)).isNotEqualTo(embed(plain)).hasSize(WIDTH);
    }

    private static File nomic(int experts) {
        File file = new File(experts == 0 ? "nomic-bert" : "nomic-bert-moe");
        if (experts > 0)
            file.put("moe_every_n_layers", 2L).put("expert_count", (long) experts).put("expert_used_count", (long) experts);
        for (int layer = 0; layer < 2; layer++) {
            String block = "blk." + layer + ".";
            float[] up = file.random(block + "ffn_up.weight", INNER, WIDTH);
            float[] down = file.random(block + "ffn_down.weight", WIDTH, INNER);
            if (layer == 0 || experts == 0) continue;
            file.tensors.remove(block + "ffn_up.weight");
            file.tensors.remove(block + "ffn_down.weight");
            float[] ups = up;
            float[] downs = down;
            for (int expert = 1; expert < experts; expert++) {
                ups = join(ups, up);
                downs = join(downs, down);
            }
            file.tensor(block + "ffn_up_exps.weight", ups, experts, INNER, WIDTH);
            file.tensor(block + "ffn_down_exps.weight", downs, experts, WIDTH, INNER);
            file.random(block + "ffn_gate_inp.weight", experts, WIDTH);
        }
        return file;
    }

    /** The weights of all experts sum to one. */
    @Test
    void expertsThatAreAllAlikeAreOneLayer() {
        assertSame(embed(nomic(3)), embed(nomic(0)));
    }

    @Test
    void segmentsTellTheTextsOfAPairApart() {
        try (Model model = Model.of(nomic(0), kernels(), Optional.empty())) {
            Embedder embedder = Embedder.of(model);
            float[] first = embedder.embed(IDS);
            assertThat(embedder.embed(IDS, new int[IDS.length])).isEqualTo(first);
            assertThat(embedder.embed(IDS, new int[] {0, 0, 0, 0, 1, 1, 1})).isNotEqualTo(first);
            assertThatThrownBy(() -> embedder.embed(IDS, new int[] {0, 0, 0, 0, 0, 0, 2}))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("2 segments");
            assertThatThrownBy(() -> embedder.embed(IDS, new int[3])).isInstanceOf(UsageException.class);
        }
    }
}
