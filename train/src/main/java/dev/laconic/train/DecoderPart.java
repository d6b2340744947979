package dev.laconic.train;

import dev.laconic.train.DecoderShape.Weight;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Rows of a decoder's flat weights that are a tensor of their own in model files.
 *
 * @param gguf name there
 * @param huggingFace name there
 * @param offset in the flat weights
 * @param rows 1 for a norm
 * @param columns length of a row
 * @param rotated whether the rows are heads of queries or keys, which GGUF's llama keeps in an order of its own
 */
record DecoderPart(String gguf, String huggingFace, int offset, int rows, int columns, boolean rotated) {

    /** All tensors, in the order of the flat weights. */
    static List<DecoderPart> of(DecoderShape shape) {
        int queries = shape.heads() * shape.headSize();
        int keys = shape.kvHeads() * shape.headSize();
        List<DecoderPart> parts = new ArrayList<>();
        for (Weight weight : shape.weights()) {
            String[] name = weight.name().split("\\.");
            String gguf = name.length == 1 ? "" : "blk." + name[1] + ".";
            String layer = name.length == 1 ? "model." : "model.layers." + name[1] + ".";
            switch (name[0]) {
                case "embedding" -> add(parts, weight, 0, weight.rows(), "token_embd", "model.embed_tokens", false);
                case "norm" -> add(parts, weight, 0, 1, "output_norm", "model.norm", false);
                case "attention-norm" -> add(parts, weight, 0, 1, gguf + "attn_norm", layer + "input_layernorm", false);
                case "feed-forward-norm" ->
                    add(parts, weight, 0, 1, gguf + "ffn_norm", layer + "post_attention_layernorm", false);
                case "output" ->
                    add(parts, weight, 0, weight.rows(), gguf + "attn_output", layer + "self_attn.o_proj", false);
                case "down" -> add(parts, weight, 0, weight.rows(), gguf + "ffn_down", layer + "mlp.down_proj", false);
                case "qkv" -> {
                    add(parts, weight, 0, queries, gguf + "attn_q", layer + "self_attn.q_proj", true);
                    add(parts, weight, queries, keys, gguf + "attn_k", layer + "self_attn.k_proj", true);
                    add(parts, weight, queries + keys, keys, gguf + "attn_v", layer + "self_attn.v_proj", false);
                }
                case "gate-up" -> {
                    add(parts, weight, 0, shape.hidden(), gguf + "ffn_gate", layer + "mlp.gate_proj", false);
                    add(parts, weight, shape.hidden(), shape.hidden(), gguf + "ffn_up", layer + "mlp.up_proj", false);
                }
                default -> throw new IllegalStateException(weight.name());
            }
        }
        return parts;
    }

    private static void add(
            List<DecoderPart> parts, Weight weight, int firstRow, int rows, String gguf, String huggingFace,
            boolean rotated) {
        parts.add(new DecoderPart(
                gguf + ".weight",
                huggingFace + ".weight",
                weight.offset() + firstRow * weight.columns(),
                rows,
                weight.columns(),
                rotated));
    }

    /** This tensor's values, a copy. */
    float[] values(float[] weights) {
        return Arrays.copyOfRange(weights, offset, offset + rows * columns);
    }

    /** This tensor's values with rows in the order of GGUF's llama: halves of a head take turns. */
    float[] interleaved(float[] weights, int headSize) {
        float[] moved = new float[rows * columns];
        for (int row = 0; row < rows; row++)
            System.arraycopy(weights, offset + row * columns, moved, interleaved(row, headSize) * columns, columns);
        return moved;
    }

    /** Puts values that stand in that order back. */
    void restore(float[] interleaved, float[] weights, int headSize) {
        for (int row = 0; row < rows; row++)
            System.arraycopy(interleaved, interleaved(row, headSize) * columns, weights, offset + row * columns, columns);
    }

    private static int interleaved(int row, int headSize) {
        int within = row % headSize;
        return row - within + within % (headSize / 2) * 2 + within / (headSize / 2);
    }
}
