package dev.laconic.cache;

import dev.laconic.core.technique.Fidelity;
import dev.laconic.core.technique.Option;
import dev.laconic.core.technique.Stage;
import dev.laconic.core.technique.Technique;
import java.util.List;

/** Shares the budget out among layers in given proportions; the last one holds for all layers that follow. */
@Technique(
        id = "layer-budgets",
        stage = Stage.CACHE,
        fidelity = Fidelity.APPROXIMATE,
        title = "A budget for each layer")
public record LayerBudgets(
        @Option(value = "1", min = 0, help = "how much the layers get, relative to each other") List<Double> shares)
        implements KvAllocator {

    public LayerBudgets {
        shares = List.copyOf(shares);
        if (shares.stream().mapToDouble(Double::doubleValue).sum() <= 0)
            throw new IllegalArgumentException("shares: found " + shares + ", expected some that are above 0");
    }

    @Override
    public void layers(int[] entries, int total) {
        double[] weights = new double[entries.length];
        for (int layer = 0; layer < weights.length; layer++)
            weights[layer] = shares.get(Math.min(layer, shares.size() - 1));
        Proportions.apply(entries, weights, total);
    }
}
