package dev.laconic.train;

import dev.laconic.train.EncoderShape.Weight;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A BERT encoder's forward pass as TorchScript. The script's arguments are the flat weights, token ids [batch, length],
 * 1 for tokens and 0 for padding [batch, length], the flat indices of hidden tokens [n], what they are [n], and which text
 * of the batch belongs to each one [batch].
 */
final class EncoderSource {
    private static final double TEMPERATURE = 0.05;
    private static final String BFLOAT16 = ".to(15)";
    private static final String FLOAT32 = ".to(6)";

    private final EncoderShape shape;
    private final int length;
    private final String low;
    private final StringBuilder code = new StringBuilder();
    private final Map<String, String> names = new HashMap<>();

    private EncoderSource(EncoderShape shape, int length, boolean reduced) {
        this.shape = shape;
        this.length = length;
        low = reduced ? BFLOAT16 : FLOAT32;
    }

    /**
     * The mean cross entropy of hidden tokens, plus that of finding for each text the one that belongs to it among all of
     * the batch by the cosine of mean vectors; in nats, products in bfloat16.
     */
    static String loss(EncoderShape shape, int length) {
        EncoderSource source = new EncoderSource(shape, length, true).body();
        source.line("hidden = torch.index_select(x.view([-1, " + shape.width() + "]), 0, rows)");
        source.line("logits = torch.linear(hidden" + BFLOAT16 + ", " + source.matrix("token_embd") + ")" + FLOAT32);
        source.line("mlm = torch.cross_entropy_loss(logits, targets, None, 1)");
        source.line("unit = torch.div(pooled, torch.sqrt(torch.sum(torch.mul(pooled, pooled), [-1], True)))");
        source.line("cosine = torch.div(torch.mm(unit, unit.t()), " + TEMPERATURE + ")");
        source.line("cosine = torch.sub(cosine, torch.mul(torch.eye(b), 10000.0))");
        source.line("return torch.add(mlm, torch.cross_entropy_loss(cosine, partners, None, 1))");
        return source.code.toString();
    }

    /** The mean vector of each text: [batch, width]; everything in float32. */
    static String pooled(EncoderShape shape, int length) {
        EncoderSource source = new EncoderSource(shape, length, false).body();
        source.line("return pooled");
        return source.code.toString();
    }

    private EncoderSource body() {
        List<Weight> weights = shape.weights();
        int size = shape.width() / shape.heads();
        code.append("class M(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n");
        code.append("  def forward(self: __torch__.M, flat: Tensor, ids: Tensor, present: Tensor, rows: Tensor, "
                + "targets: Tensor, partners: Tensor) -> Tensor:\n");
        line("p = torch.split_with_sizes(flat, "
                + weights.stream().map(w -> String.valueOf(w.size())).collect(Collectors.joining(", ", "[", "]")) + ")");
        for (int i = 0; i < weights.size(); i++) {
            Weight weight = weights.get(i);
            String view = weight.isVector() ? "" : ".view([" + weight.rows() + ", " + weight.columns() + "])";
            names.put(weight.name(), "p[" + i + "]" + view);
        }
        line("b = ids.size(0)");
        line("mask = torch.mul(torch.sub(present, 1.0), 10000.0).view([b, 1, 1, " + length + "])" + low);
        line("x = torch.add(torch.embedding(" + names.get("token_embd.weight") + ", ids), torch.slice("
                + names.get("position_embd.weight") + ", 0, 0, " + length + "))");
        norm("token_embd_norm");
        for (int l = 0; l < shape.layers(); l++) {
            String layer = "blk." + l + ".";
            line("h = x" + low);
            for (String projection : new String[] {"q", "k", "v"})
                line(projection + " = " + linear("h", layer + "attn_" + projection) + ".view([b, " + length + ", "
                        + shape.heads() + ", " + size + "]).transpose(1, 2)");
            line("s = torch.softmax(torch.add(mask, torch.matmul(q, k.transpose(2, 3)), alpha=" + 1 / Math.sqrt(size)
                    + "), -1)");
            line("o = torch.matmul(s, v).transpose(1, 2).reshape([b, " + length + ", " + shape.width() + "])");
            line("x = torch.add(x, " + linear("o", layer + "attn_output") + FLOAT32 + ")");
            norm(layer + "attn_output_norm");
            line("h = torch.gelu(" + linear("x" + low, layer + "ffn_up") + ", approximate=\"tanh\")");
            line("x = torch.add(x, " + linear("h", layer + "ffn_down") + FLOAT32 + ")");
            norm(layer + "layer_output_norm");
        }
        line("each = present.view([b, " + length + ", 1])");
        line("pooled = torch.div(torch.sum(torch.mul(x, each), [1]), torch.sum(each, [1]))");
        return this;
    }

    private String linear(String input, String name) {
        return "torch.linear(" + input + ", " + matrix(name) + ", " + names.get(name + ".bias") + low + ")";
    }

    private String matrix(String name) {
        return names.get(name + ".weight") + low;
    }

    private void norm(String name) {
        line("x = torch.layer_norm(x, [" + shape.width() + "], " + names.get(name + ".weight") + ", "
                + names.get(name + ".bias") + ", " + shape.epsilon() + ")");
    }

    private void line(String text) {
        code.append("    ").append(text).append('\n');
    }
}
