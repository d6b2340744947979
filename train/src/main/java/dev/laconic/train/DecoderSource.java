package dev.laconic.train;

import dev.laconic.train.DecoderShape.Weight;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A decoder's forward pass as TorchScript. The script's arguments are the flat weights, token ids [batch, length], the
 * flat indices of the rows whose next token counts [n], the positions [batch * length], the tokens that count [n], their
 * weights [n], cosines and sines of the rotation [positions, headSize / 2] and a mask [length, length] that is added to attention scores.
 */
final class DecoderSource {
    private static final int QUERY_BLOCK = 256;
    private static final String BFLOAT16 = ".to(15)";
    private static final String FLOAT32 = ".to(6)";

    private final DecoderShape shape;
    private final int length;
    private final boolean causal;
    private final String low;
    private final StringBuilder code = new StringBuilder();

    private DecoderSource(DecoderShape shape, int length, boolean causal, boolean reduced) {
        this.shape = shape;
        this.length = length;
        this.causal = causal;
        low = reduced ? BFLOAT16 : FLOAT32;
    }

    /** The weighted sum of cross entropies, in nats; products in bfloat16. */
    static String loss(DecoderShape shape, int length, boolean causal) {
        DecoderSource source = new DecoderSource(shape, length, causal, true).body("Tensor");
        source.line("ce = torch.cross_entropy_loss(logits, targets, None, 0)");
        source.line("return torch.sum(torch.mul(ce, weights))");
        return source.code.toString();
    }

    /**
     * The weighted sum of divergences from a teacher's distribution; products in bfloat16. The teacher's logits
     * [n, vocabulary] stand in the place of the tokens.
     */
    static String distillation(DecoderShape shape, int length, Divergence divergence) {
        DecoderSource source = new DecoderSource(shape, length, true, true).body("Tensor");
        source.line(
                switch (divergence) {
                    case CROSS_ENTROPY ->
                        "d = torch.neg(torch.sum(torch.mul(torch.softmax(targets, -1), torch.log_softmax(logits, -1)), [-1]))";
                    case TOTAL_VARIATION ->
                        "d = torch.rsub(torch.sum(torch.minimum(torch.softmax(targets, -1), torch.softmax(logits, -1)), [-1]), 1)";
                });
        source.line("return torch.sum(torch.mul(d, weights))");
        return source.code.toString();
    }

    /** The logits [n, vocabulary] of the rows that count; products in bfloat16 if {@code reduced}, else in float32. */
    static String logits(DecoderShape shape, int length, boolean causal, boolean reduced) {
        DecoderSource source = new DecoderSource(shape, length, causal, reduced).body("Tensor");
        source.line("return logits");
        return source.code.toString();
    }

    /** For each row that counts the likeliest token and the cross entropy in nats: [2, n]; everything in float32. */
    static String predictions(DecoderShape shape, int length, boolean causal) {
        DecoderSource source = new DecoderSource(shape, length, causal, false).body("Tensor");
        source.line("ce = torch.cross_entropy_loss(logits, targets, None, 0)");
        source.line("return torch.stack([torch.argmax(logits, -1).to(6), ce])");
        return source.code.toString();
    }

    private DecoderSource body(String result) {
        code.append("class M(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n");
        code.append("  def forward(self: __torch__.M, flat: Tensor, ids: Tensor, rows: Tensor, positions: Tensor, ")
                .append("targets: Tensor, weights: Tensor, cos: Tensor, sin: Tensor, mask: Tensor) -> ")
                .append(result)
                .append(":\n");
        List<Weight> weights = shape.weights();
        line("p = torch.split_with_sizes(flat, "
                + weights.stream().map(w -> String.valueOf(w.size())).collect(Collectors.joining(", ", "[", "]")) + ")");
        line("b = ids.size(0)");
        for (String table : new String[] {"cos", "sin"})
            line(table + " = torch.index_select(" + table + ", 0, positions).view([b, " + length + ", 1, "
                    + shape.headSize() / 2 + "])" + low);
        line("mask = mask" + low);
        line("embed = p[0].view([" + shape.vocabulary() + ", " + shape.width() + "])");
        line("x = torch.embedding(embed, ids)");
        for (int l = 0; l < shape.layers(); l++) layer(1 + 6 * l);
        line("x = torch.index_select(x.view([-1, " + shape.width() + "]), 0, rows)");
        norm(weights.size() - 1);
        line("logits = torch.linear(h, embed" + low + ")" + FLOAT32);
        return this;
    }

    private void layer(int first) {
        norm(first);
        attention(first + 1);
        line("x = torch.add(x, torch.linear(o, " + matrix(first + 2) + ")" + FLOAT32 + ")");
        norm(first + 3);
        line("gate, up = torch.chunk(torch.linear(h, " + matrix(first + 4) + "), 2, 2)");
        line("x = torch.add(x, torch.linear(torch.mul(torch.silu(gate), up), " + matrix(first + 5) + ")" + FLOAT32
                + ")");
    }

    private void norm(int weight) {
        line("h = torch.mul(torch.mul(x, torch.rsqrt(torch.add(torch.mean(torch.mul(x, x), [-1], True), "
                + shape.epsilon() + "))), p[" + weight + "])" + low);
    }

    private void attention(int weight) {
        int heads = shape.heads();
        int kv = shape.kvHeads();
        int group = heads / kv;
        int size = shape.headSize();
        line("qkv = torch.linear(h, " + matrix(weight) + ").view([b, " + length + ", " + (heads + 2 * kv) + ", " + size
                + "])");
        line("qk, v = torch.split_with_sizes(qkv, [" + (heads + kv) + ", " + kv + "], 2)");
        line("qk1, qk2 = torch.chunk(qk, 2, 3)");
        line("qk = torch.cat([torch.sub(torch.mul(qk1, cos), torch.mul(qk2, sin)), "
                + "torch.add(torch.mul(qk2, cos), torch.mul(qk1, sin))], -1)");
        line("q, k = torch.split_with_sizes(qk, [" + heads + ", " + kv + "], 2)");
        line("q = q.view([b, " + length + ", " + kv + ", " + group + ", " + size + "]).permute([0, 2, 3, 1, 4])");
        line("k = k.permute([0, 2, 3, 1]).reshape([b * " + kv + ", " + size + ", " + length + "])");
        line("v = v.transpose(1, 2).reshape([b * " + kv + ", " + length + ", " + size + "])");
        int block = Math.min(length, QUERY_BLOCK);
        int blocks = Math.ceilDiv(length, block);
        List<String> outputs = new ArrayList<>();
        for (int i = 0; i < blocks; i++) {
            int from = i * block;
            int to = Math.min(length, from + block);
            int rows = to - from;
            int seen = causal ? to : length;
            line("s = torch.bmm(torch.slice(q, 3, " + from + ", " + to + ").reshape([b * " + kv + ", " + group * rows
                    + ", " + size + "]), torch.slice(k, 2, 0, " + seen + ")).view([b * " + kv + ", " + group + ", "
                    + rows + ", " + seen + "])");
            line("s = torch.softmax(torch.add(torch.slice(torch.slice(mask, 0, " + from + ", " + to + "), 1, 0, " + seen
                    + "), s, alpha=" + 1 / Math.sqrt(size) + "), -1)");
            line("o" + i + " = torch.bmm(s.view([b * " + kv + ", " + group * rows + ", " + seen
                    + "]), torch.slice(v, 1, 0, " + seen + ")).view([b, " + kv + ", " + group + ", " + rows + ", " + size
                    + "])");
            outputs.add("o" + i);
        }
        line("o = torch.cat([" + String.join(", ", outputs) + "], 3).permute([0, 3, 1, 2, 4]).reshape([b, " + length
                + ", " + heads * size + "])");
    }

    private String matrix(int index) {
        Weight weight = shape.weights().get(index);
        return "p[" + index + "].view([" + weight.rows() + ", " + weight.columns() + "])" + low;
    }

    private void line(String text) {
        code.append("    ").append(text).append('\n');
    }

    /** Cosines or sines of the rotation by {@code length} positions: [length, headSize / 2]. */
    static float[] rotation(DecoderShape shape, int length, boolean cosines) {
        int half = shape.headSize() / 2;
        float[] table = new float[length * half];
        for (int t = 0; t < length; t++)
            for (int i = 0; i < half; i++) {
                double angle = t * Math.pow(shape.ropeBase(), -(double) i / half);
                table[t * half + i] = (float) (cosines ? Math.cos(angle) : Math.sin(angle));
            }
        return table;
    }

    /** Scores' mask: minus infinity above the diagonal where causal, else 0: [length, length]. */
    static float[] mask(int length, boolean causal) {
        float[] mask = new float[length * length];
        if (causal)
            IntStream.range(0, length)
                    .forEach(t -> java.util.Arrays.fill(
                            mask, t * length + t + 1, (t + 1) * length, Float.NEGATIVE_INFINITY));
        return mask;
    }
}
