package dev.laconic.testkit;

import dev.laconic.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.SplittableRandom;

/**
 * A llama model of any size with random weights, as the metadata and tensors of a model file. The same seed gives the
 * same weights; logits have a standard deviation of about 2, so that distributions are neither flat nor certain.
 *
 * @param metadata under GGUF's key names
 * @param tensors under GGUF's tensor names
 */
public record TinyLlama(SequencedMap<String, Object> metadata, SequencedMap<String, Tensor> tensors) {

    /** The model's sizes; the head size is {@code width / heads}. */
    public record Sizes(int layers, int width, int heads, int kvHeads, int feedForward, int vocabulary, int context) {
        public static final Sizes SMALL = new Sizes(3, 48, 6, 2, 80, 97, 512);
    }

    public static TinyLlama of(Sizes sizes, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        SequencedMap<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("general.architecture", "llama");
        metadata.put("llama.block_count", (long) sizes.layers);
        metadata.put("llama.embedding_length", (long) sizes.width);
        metadata.put("llama.context_length", (long) sizes.context);
        metadata.put("llama.attention.head_count", (long) sizes.heads);
        metadata.put("llama.attention.head_count_kv", (long) sizes.kvHeads);
        metadata.put("llama.feed_forward_length", (long) sizes.feedForward);
        metadata.put("llama.attention.layer_norm_rms_epsilon", 1e-5);
        metadata.put("llama.rope.dimension_count", (long) sizes.width / sizes.heads);
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        int kvWidth = sizes.width / sizes.heads * sizes.kvHeads;
        put(tensors, random, "token_embd.weight", 1, sizes.vocabulary, sizes.width);
        for (int layer = 0; layer < sizes.layers; layer++) {
            String block = "blk." + layer + ".";
            double in = 1 / Math.sqrt(sizes.width);
            put(tensors, random, block + "attn_norm.weight", 0, sizes.width);
            put(tensors, random, block + "attn_q.weight", 2 * in, sizes.width, sizes.width);
            put(tensors, random, block + "attn_k.weight", 2 * in, kvWidth, sizes.width);
            put(tensors, random, block + "attn_v.weight", in, kvWidth, sizes.width);
            put(tensors, random, block + "attn_output.weight", in, sizes.width, sizes.width);
            put(tensors, random, block + "ffn_norm.weight", 0, sizes.width);
            put(tensors, random, block + "ffn_gate.weight", in, sizes.feedForward, sizes.width);
            put(tensors, random, block + "ffn_up.weight", in, sizes.feedForward, sizes.width);
            put(tensors, random, block + "ffn_down.weight", 1 / Math.sqrt(sizes.feedForward), sizes.width, sizes.feedForward);
        }
        put(tensors, random, "output_norm.weight", 0, sizes.width);
        put(tensors, random, "output.weight", 2 / Math.sqrt(sizes.width), sizes.vocabulary, sizes.width);
        return new TinyLlama(metadata, tensors);
    }

    /** Normal values of a standard deviation; 0 stands for a norm's weight, near one. */
    private static void put(
            SequencedMap<String, Tensor> tensors, SplittableRandom random, String name, double deviation, long... shape) {
        int elements = 1;
        for (long size : shape) elements = Math.toIntExact(elements * size);
        float[] values = new float[elements];
        for (int i = 0; i < elements; i++)
            values[i] = (float) (deviation == 0 ? 1 + 0.1 * random.nextGaussian() : deviation * random.nextGaussian());
        tensors.put(name, Tensor.of(name, values, shape));
    }
}
