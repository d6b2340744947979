package dev.laconic.model.arch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.laconic.core.tensor.Tensor;
import dev.laconic.format.Metadata;
import dev.laconic.format.ModelFile;
import dev.laconic.kernels.KernelOptions;
import dev.laconic.kernels.Kernels;
import dev.laconic.model.Model;
import dev.laconic.model.Sequence;
import dev.laconic.model.TinyModels;
import dev.laconic.testkit.TinyLlama;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A mixture's experts may be stacked, stacked with gate and up in one, or single matrices. */
class ExpertLayoutsTest {
    private static final int EXPERTS = 4;
    private static final int INNER = 24;
    private static final TinyLlama DENSE = TinyLlama.of(TinyLlama.Sizes.SMALL, 7);
    private static final int WIDTH = TinyLlama.Sizes.SMALL.width();

    @Test
    void allLayoutsGiveTheSameLogits() {
        float[] stacked = logits(mixture());
        assertThat(logits(fused(mixture()))).containsExactly(stacked);
        assertThat(logits(single(mixture()))).containsExactly(stacked);
    }

    private static SequencedMap<String, Tensor> mixture() {
        SplittableRandom random = new SplittableRandom(11);
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>(DENSE.tensors());
        for (int layer = 0; layer < TinyLlama.Sizes.SMALL.layers(); layer++) {
            String block = "blk." + layer + ".ffn_";
            for (String name : new String[] {"gate", "up", "down"}) tensors.remove(block + name + ".weight");
            put(tensors, random, block + "gate_inp.weight", EXPERTS, WIDTH);
            put(tensors, random, block + "gate_exps.weight", EXPERTS, INNER, WIDTH);
            put(tensors, random, block + "up_exps.weight", EXPERTS, INNER, WIDTH);
            put(tensors, random, block + "down_exps.weight", EXPERTS, WIDTH, INNER);
        }
        return tensors;
    }

    private static SequencedMap<String, Tensor> fused(SequencedMap<String, Tensor> tensors) {
        for (int layer = 0; layer < TinyLlama.Sizes.SMALL.layers(); layer++) {
            String block = "blk." + layer + ".ffn_";
            float[] gates = floats(tensors.remove(block + "gate_exps.weight"));
            float[] ups = floats(tensors.remove(block + "up_exps.weight"));
            int each = INNER * WIDTH;
            float[] both = new float[2 * EXPERTS * each];
            for (int expert = 0; expert < EXPERTS; expert++) {
                System.arraycopy(gates, expert * each, both, 2 * expert * each, each);
                System.arraycopy(ups, expert * each, both, (2 * expert + 1) * each, each);
            }
            String name = block + "gate_up_exps.weight";
            tensors.put(name, Tensor.of(name, both, EXPERTS, 2 * INNER, WIDTH));
        }
        return tensors;
    }

    private static SequencedMap<String, Tensor> single(SequencedMap<String, Tensor> tensors) {
        for (int layer = 0; layer < TinyLlama.Sizes.SMALL.layers(); layer++)
            for (String part : new String[] {"gate", "up", "down"}) {
                String prefix = "blk." + layer + ".ffn_" + part;
                Tensor stack = tensors.remove(prefix + "_exps.weight");
                for (int expert = 0; expert < EXPERTS; expert++)
                    tensors.put(prefix + "." + expert + ".weight", stack.slice(expert));
            }
        return tensors;
    }

    private static void put(SequencedMap<String, Tensor> tensors, SplittableRandom random, String name, long... shape) {
        long elements = 1;
        for (long size : shape) elements *= size;
        float[] values = new float[(int) elements];
        for (int i = 0; i < values.length; i++) values[i] = (float) (random.nextGaussian() / Math.sqrt(WIDTH));
        tensors.put(name, Tensor.of(name, values, shape));
    }

    private static float[] floats(Tensor tensor) {
        return tensor.data().toArray(java.lang.foreign.ValueLayout.JAVA_FLOAT);
    }

    private static float[] logits(SequencedMap<String, Tensor> tensors) {
        SequencedMap<String, Object> values = new LinkedHashMap<>(DENSE.metadata());
        values.put("llama.feed_forward_length", (long) INNER);
        values.put("llama.expert_count", (long) EXPERTS);
        values.put("llama.expert_used_count", 2L);
        ModelFile file = new InMemory(new Metadata("mixture", values), tensors);
        try (Kernels kernels = Kernels.of(KernelOptions.defaults().withProvider("scalar").withThreads(1));
                Model model = Model.of(file, kernels, Optional.empty());
                Sequence sequence = model.newSequence()) {
            return TinyModels.logits(model, sequence, new int[] {3, 1, 4, 1, 5, 9, 2, 6});
        }
    }

    private record InMemory(Metadata metadata, SequencedMap<String, Tensor> tensors) implements ModelFile {
        @Override
        public Path path() {
            return Path.of("mixture.gguf");
        }

        @Override
        public void close() {}
    }
}
