package dev.laconic.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.laconic.train.DecoderShape.Weight;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * Low-rank adapters (arXiv 2106.09685) of every matrix but the embedding: {@code W + alpha / rank * B A}, with A of
 * [rank, columns] and B of [rows, rank] in one flat vector. The base's weights stay as they are.
 */
final class Lora implements AutoCloseable {
    private final DecoderShape shape;
    private final int rank;
    private final NDArray base;
    private final Script merge;

    /** @param settings rank and alpha */
    Lora(NDManager manager, DecoderShape shape, Recipe.Adapter settings, float[] base) {
        this.shape = shape;
        rank = settings.rank();
        this.base = manager.create(base);
        merge = Torch.compile(source((double) settings.alpha() / rank));
    }

    private boolean adapts(Weight weight) {
        return !weight.isNorm() && !weight.name().equals("embedding");
    }

    /** Length of the adapters' flat vector. */
    int parameters() {
        return shape.weights().stream()
                .filter(this::adapts)
                .mapToInt(weight -> rank * (weight.rows() + weight.columns()))
                .sum();
    }

    /** Adapters that change nothing: A random, B zero. */
    float[] initial(long seed) {
        RandomGenerator random = new SplittableRandom(seed);
        float[] flat = new float[parameters()];
        int at = 0;
        for (Weight weight : shape.weights()) {
            if (!adapts(weight)) continue;
            for (int i = 0; i < rank * weight.columns(); i++)
                flat[at++] = (float) (random.nextGaussian() / Math.sqrt(weight.columns()));
            at += rank * weight.rows();
        }
        return flat;
    }

    /** The flat weights of the base with these adapters, differentiable by the adapters. */
    NDArray merged(NDArray adapters) {
        return merge.call(adapters, base).head();
    }

    private String source(double scale) {
        List<Weight> weights = shape.weights();
        List<String> sizes = new ArrayList<>();
        for (Weight weight : weights)
            if (adapts(weight)) {
                sizes.add(String.valueOf(rank * weight.columns()));
                sizes.add(String.valueOf(rank * weight.rows()));
            }
        StringBuilder code = new StringBuilder("class M(Module):\n  __parameters__ = []\n  __buffers__ = []\n"
                + "  training : bool\n  def forward(self: __torch__.M, adapters: Tensor, base: Tensor) -> Tensor:\n");
        code.append("    a = torch.split_with_sizes(adapters, [").append(String.join(", ", sizes)).append("])\n");
        code.append("    p = torch.split_with_sizes(base, [")
                .append(weights.stream().map(w -> String.valueOf(w.size())).collect(Collectors.joining(", ")))
                .append("])\n");
        List<String> parts = new ArrayList<>();
        int adapter = 0;
        for (int i = 0; i < weights.size(); i++) {
            Weight weight = weights.get(i);
            if (!adapts(weight)) {
                parts.add("p[" + i + "]");
                continue;
            }
            code.append("    w%d = torch.add(p[%d], torch.mm(a[%d].view([%d, %d]), a[%d].view([%d, %d])).view([-1]), alpha=%s)\n"
                    .formatted(
                            i, i, adapter + 1, weight.rows(), rank, adapter, rank, weight.columns(), scale));
            parts.add("w" + i);
            adapter += 2;
        }
        return code.append("    return torch.cat([").append(String.join(", ", parts)).append("])\n").toString();
    }

    @Override
    public void close() {
        merge.close();
    }
}
