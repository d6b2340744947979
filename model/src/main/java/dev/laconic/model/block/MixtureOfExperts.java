package dev.laconic.model.block;

import dev.laconic.model.State;
import dev.laconic.model.State.Buffer;
import java.util.List;
import java.util.Optional;

/**
 * A feed-forward layer of which every row uses only a few experts: {@code sum_k w_k expert_k(x)} over the {@code used}
 * experts with the highest router score, plus an expert that all rows share, where there is one.
 */
public final class MixtureOfExperts {
    /** How router logits become weights. */
    public enum Gating {
        /** Softmax over all experts, then the highest. */
        SOFTMAX,
        /** The highest logits, then a softmax over those. */
        SOFTMAX_OF_CHOSEN,
        /** A sigmoid of each logit. */
        SIGMOID
    }

    /**
     * How rows choose experts.
     *
     * @param used experts per row
     * @param normalise whether the chosen weights are divided by their sum
     * @param scale factor on the weights
     * @param weightBeforeExpert whether a weight multiplies the expert's input and not its output
     */
    public record Routing(Gating gating, int used, boolean normalise, float scale, boolean weightBeforeExpert) {

        /** The same with weights on the experts' inputs. */
        public Routing weightingInput() {
            return new Routing(gating, used, normalise, scale, true);
        }
    }

    /**
     * An expert that all rows pass.
     *
     * @param gate one output whose sigmoid multiplies the expert's result
     */
    public record Shared(FeedForward expert, Optional<Linear> gate) {}

    private final Linear router;
    private final float[] preferences;
    private final List<FeedForward> experts;
    private final Routing routing;
    private final Optional<Shared> shared;

    public MixtureOfExperts(Linear router, List<FeedForward> experts, Routing routing, Optional<Shared> shared) {
        this(router, new float[0], experts, routing, shared);
    }

    /** @param preferences added to each expert's score when experts are chosen, but not to its weight; or empty */
    public MixtureOfExperts(
            Linear router, float[] preferences, List<FeedForward> experts, Routing routing, Optional<Shared> shared) {
        this.router = router;
        this.preferences = preferences;
        this.experts = List.copyOf(experts);
        this.routing = routing;
        this.shared = shared;
    }

    public void apply(State state, Buffer in, Buffer out) {
        int used = routing.used;
        int count = state.size();
        ExpertRouting routes = state.experts();
        routes.reserve(count * used);
        router.apply(state, in, Buffer.ROUTER);
        float[] logits = state.values(Buffer.ROUTER);
        for (int row = 0; row < count; row++) choose(state, logits, row * experts.size(), routes, row * used);
        int width = state.width(in);
        float[] y = state.reserve(out, width);
        java.util.Arrays.fill(y, 0, count * width, 0f);
        for (int expert = 0; expert < experts.size(); expert++) applyExpert(state, expert, in, out, routes);
        if (shared.isPresent()) applyShared(state, shared.get(), in, out);
    }

    private void choose(State state, float[] logits, int offset, ExpertRouting routes, int pair) {
        int n = experts.size();
        switch (routing.gating) {
            case SOFTMAX -> state.kernels().softmax(logits, offset, n);
            case SIGMOID -> {
                for (int i = offset; i < offset + n; i++) logits[i] = (float) (1 / (1 + Math.exp(-logits[i])));
            }
            case SOFTMAX_OF_CHOSEN -> {}
        }
        int[] chosen = routes.chosen();
        float[] weights = routes.weights();
        for (int k = 0; k < routing.used; k++) {
            int best = -1;
            for (int i = 0; i < n; i++)
                if (!contains(chosen, pair, k, i)
                        && (best < 0 || score(logits, offset, i) > score(logits, offset, best))) best = i;
            chosen[pair + k] = best;
            weights[pair + k] = logits[offset + best];
        }
        if (routing.gating == Gating.SOFTMAX_OF_CHOSEN) state.kernels().softmax(weights, pair, routing.used);
        float factor = routing.scale;
        if (routing.normalise) {
            float sum = 0;
            for (int k = 0; k < routing.used; k++) sum += weights[pair + k];
            factor /= Math.max(sum, 6.103515625e-5f);
        }
        for (int k = 0; k < routing.used; k++) weights[pair + k] *= factor;
    }

    private float score(float[] logits, int offset, int expert) {
        return preferences.length == 0 ? logits[offset + expert] : logits[offset + expert] + preferences[expert];
    }

    private static boolean contains(int[] chosen, int from, int count, int expert) {
        for (int k = 0; k < count; k++) if (chosen[from + k] == expert) return true;
        return false;
    }

    /** Gathers the rows that chose an expert, computes them together and adds them where they came from. */
    private void applyExpert(State state, int expert, Buffer in, Buffer out, ExpertRouting routes) {
        int[] rows = routes.rows();
        int[] slots = routes.slots();
        int count = 0;
        for (int pair = 0; pair < state.size() * routing.used; pair++) {
            if (routes.chosen()[pair] != expert) continue;
            rows[count] = pair / routing.used;
            slots[count++] = pair;
        }
        if (count == 0) return;
        int width = state.width(in);
        float[] x = state.values(in);
        float[] gathered = state.reserve(Buffer.EXPERT_IN, width, count);
        for (int i = 0; i < count; i++) {
            System.arraycopy(x, rows[i] * width, gathered, i * width, width);
            if (routing.weightBeforeExpert)
                state.kernels().scale(routes.weights()[slots[i]], gathered, i * width, width);
        }
        experts.get(expert).apply(state, Buffer.EXPERT_IN, Buffer.EXPERT_OUT, count);
        float[] result = state.values(Buffer.EXPERT_OUT);
        float[] y = state.values(out);
        for (int i = 0; i < count; i++) {
            float weight = routing.weightBeforeExpert ? 1f : routes.weights()[slots[i]];
            state.kernels().addScaled(weight, result, i * width, y, rows[i] * width, width);
        }
    }

    private static void applyShared(State state, Shared shared, Buffer in, Buffer out) {
        shared.expert.apply(state, in, Buffer.EXPERT_OUT);
        if (shared.gate.isPresent()) shared.gate.get().apply(state, in, Buffer.ROUTER);
        int width = state.width(in);
        float[] result = state.values(Buffer.EXPERT_OUT);
        float[] y = state.values(out);
        for (int row = 0; row < state.size(); row++) {
            float weight = shared.gate.isEmpty() ? 1f : (float) (1 / (1 + Math.exp(-state.values(Buffer.ROUTER)[row])));
            state.kernels().addScaled(weight, result, row * width, y, row * width, width);
        }
    }
}
