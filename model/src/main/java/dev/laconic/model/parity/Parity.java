package dev.laconic.model.parity;

import dev.laconic.core.error.UnsupportedModelException;
import dev.laconic.format.ModelFiles;
import dev.laconic.kernels.Kernels;
import dev.laconic.kernels.KvType;
import dev.laconic.model.Logits;
import dev.laconic.model.Mask;
import dev.laconic.model.Model;
import dev.laconic.model.Rows;
import dev.laconic.model.Sequence;
import dev.laconic.model.State;
import dev.laconic.model.parity.ParityResult.Status;
import dev.laconic.model.parity.Reference.Greedy;
import dev.laconic.model.parity.Reference.Pair;
import dev.laconic.model.parity.Reference.Stream;
import java.util.Optional;

/** Runs a model as its reference was recorded, keys and values in float32, and compares. */
public final class Parity {
    /** Largest absolute difference of a logit in float32 arithmetic; the logits' deviation is about 2. */
    public static final double MAX_ABS = 1e-4;

    private static final double MAX_NMSE = 1e-10;
    /** Squared distance allowed to 8-bit activations, as a multiple of the recording engine's own. */
    private static final double ROUNDED_FACTOR = 2;
    /** A margin below this multiple of the tolerance does not tell which token comes next. */
    private static final double MARGIN_FACTOR = 5;
    /** Positions the recording engine was set up for. */
    private static final int CONTEXT = 256;

    private final Reference reference;
    private final Model model;
    private final double maxAbs;
    private final double maxNmse;

    private Parity(Reference reference, Model model, boolean roundedActivations) {
        this.reference = reference;
        this.model = model;
        if (roundedActivations && reference.rounded().isPresent()) {
            maxNmse = ROUNDED_FACTOR * reference.rounded().getAsDouble();
            maxAbs = Double.POSITIVE_INFINITY;
        } else {
            maxNmse = MAX_NMSE;
            maxAbs = MAX_ABS;
        }
    }

    /** Opens the model a reference is for, at the context it was recorded with. */
    public static Model open(Reference reference, Kernels kernels) {
        return Model.of(ModelFiles.open(reference.file(), Optional.empty()), kernels, Optional.of(CONTEXT));
    }

    /**
     * Compares a model with its reference; a model of an architecture that is not supported is reported, not thrown.
     *
     * @param roundedActivations whether the kernels round activations to 8 bits
     */
    public static ParityResult compare(Reference reference, Kernels kernels, boolean roundedActivations) {
        try (Model model = open(reference, kernels)) {
            return new Parity(reference, model, roundedActivations).compare();
        } catch (UnsupportedModelException e) {
            return new ParityResult(reference.name(), reference.architecture(), Status.REFUSED, Difference.NONE, "", 0,
                    0, e.getMessage());
        }
    }

    private ParityResult compare() {
        Difference difference = Difference.NONE;
        String firstDifference = "";
        try (Sequence sequence = sequence()) {
            Mask mask = model.architecture().mask();
            int[] tokens = reference.tokens();
            State state = model.embed(new Rows().append(sequence, mask, tokens, 0, tokens.length, true));
            for (int layer = 0; layer < model.layers(); layer++) {
                model.advance(state, layer, layer + 1);
                if (firstDifference.isEmpty()) firstDifference = differing(layer, state.hidden());
            }
            if (firstDifference.isEmpty()) firstDifference = differing(Stream.FINAL_NORM, model.normalise(state));
            Logits logits = model.project(state);
            difference = difference.or(Difference.of(logits.values(), 0, reference.logits().orElseThrow()));
        }
        if (reference.pair().isPresent()) difference = difference.or(pair(reference.pair().get()));
        int compared = 0;
        int equal = 0;
        if (reference.greedy().isPresent()) {
            compared = telling(reference.greedy().get());
            equal = equal(reference.greedy().get(), compared);
        }
        boolean same = difference.maxAbs() <= maxAbs && difference.nmse() <= maxNmse && firstDifference.isEmpty()
                && equal == compared;
        return new ParityResult(reference.name(), reference.architecture(), same ? Status.EQUAL : Status.DIFFERENT,
                difference, firstDifference, compared, equal, "");
    }

    private Sequence sequence() {
        return model.newSequence(KvType.F32, KvType.F32);
    }

    private String differing(int layer, float[] hidden) {
        for (Stream stream : reference.streams()) {
            if (stream.layer() != layer) continue;
            Difference difference = Difference.of(hidden, 0, stream.values());
            if (difference.maxAbs() > maxAbs * Math.max(1, deviation(stream.values())) || difference.nmse() > maxNmse)
                return stream.name();
        }
        return "";
    }

    private static double deviation(float[] values) {
        double squares = 0;
        for (float value : values) squares += (double) value * value;
        return Math.sqrt(squares / values.length);
    }

    private Difference pair(Pair pair) {
        try (Sequence first = sequence();
                Sequence second = sequence()) {
            State state = model.embed(new Rows()
                    .append(first, pair.first(), 0, pair.first().length, true)
                    .append(second, pair.second(), 0, pair.second().length, true));
            model.advance(state);
            return Difference.of(model.project(state).values(), 0, pair.logits());
        }
    }

    /** Tokens before the first whose margin is too small for the tolerance; none where activations are rounded. */
    private int telling(Greedy greedy) {
        int count = 0;
        while (count < greedy.ids().length && greedy.margins()[count] >= MARGIN_FACTOR * maxAbs) count++;
        return count;
    }

    /** Continues the prompt for {@code count} tokens and counts those before the first that differs. */
    private int equal(Greedy greedy, int count) {
        int[] step = greedy.prompt();
        Rows rows = new Rows();
        try (Sequence sequence = sequence()) {
            for (int i = 0; i < count; i++) {
                State state = model.embed(rows.clear().append(sequence, step, 0, step.length, false));
                model.advance(state);
                int next = model.project(state).argmax(0);
                if (next != greedy.ids()[i]) return i;
                step = new int[] {next};
            }
        }
        return count;
    }
}
