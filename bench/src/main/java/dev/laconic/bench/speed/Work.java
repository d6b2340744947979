package dev.laconic.bench.speed;

import dev.laconic.core.tensor.Tensor;
import dev.laconic.format.ModelFile;
import dev.laconic.model.Model;

/**
 * What tokens cost with the weights alone.
 *
 * @param multiplications with matrices, per token of a prompt
 * @param last those of them that only tokens need whose logits are wanted, after keys and values of the last layer
 * @param quantised multiplications with quantised ones
 * @param bytes of matrices that are read for a token generated
 */
record Work(long multiplications, long last, long quantised, long bytes) {

    /** Multiplications for tokens of which some want logits. */
    long of(int tokens, int wanted) {
        return tokens * (multiplications - last) + wanted * last;
    }

    static Work of(Model model) {
        ModelFile file = model.file();
        boolean tied = file.tensor("output.weight").isEmpty();
        double used = model.parameters().integer("expert_used_count", 0, Integer.MAX_VALUE).orElse(1);
        double experts = model.parameters().integer("expert_count", 0, Integer.MAX_VALUE).orElse(1);
        String lastLayer = "blk." + (model.layers() - 1) + ".";
        double multiplications = 0;
        double last = 0;
        double quantised = 0;
        double bytes = 0;
        for (Tensor tensor : file.tensors().values()) {
            if (tensor.shape().size() < 2) continue;
            boolean embedding = tensor.name().equals("token_embd.weight");
            if (embedding && !tied) continue;
            double share = tensor.shape().size() > 2 && experts > 0 ? used / experts : 1;
            bytes += share * tensor.data().byteSize();
            boolean head = embedding || tensor.name().equals("output.weight");
            if (head) continue;
            multiplications += share * tensor.elements();
            if (tensor.name().startsWith(lastLayer + "attn_o") || tensor.name().startsWith(lastLayer + "ffn"))
                last += share * tensor.elements();
            if (tensor.type().quantised()) quantised += share * tensor.elements();
        }
        return new Work((long) multiplications, (long) last, (long) quantised, (long) bytes);
    }
}
