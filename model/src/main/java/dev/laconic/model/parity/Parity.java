package dev.laconic.model.parity;

import dev.laconic.core.error.UnsupportedModelException;
import dev.laconic.format.ModelFiles;
import dev.laconic.kernels.Kernels;
import dev.laconic.kernels.KvType;
import dev.laconic.model.Embedder;
import dev.laconic.model.Model;
import dev.laconic.model.Rows;
import dev.laconic.model.Sequence;
import dev.laconic.model.State;
import dev.laconic.model.parity.ParityResult.Status;
import dev.laconic.model.parity.Reference.Greedy;
import dev.laconic.model.parity.Reference.Pair;
import dev.laconic.model.parity.Reference.Stream;
import dev.laconic.model.parity.Reference.Vectors;
import java.util.List;
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
    private Difference outputs = Difference.NONE;
    private String firstDifference = "";

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
        reference.vectors().forEach(this::compare);
        if (reference.logits().isPresent()) compareLayerByLayer(reference.logits().get());
        reference.pair().ifPresent(this::compare);
        int compared = 0;
        int equal = 0;
        if (reference.greedy().isPresent()) {
            compared = telling(reference.greedy().get());
            equal = equal(reference.greedy().get(), compared);
        }
        boolean same = within(outputs, 1) && firstDifference.isEmpty() && equal == compared;
        return new ParityResult(reference.name(), reference.architecture(), same ? Status.EQUAL : Status.DIFFERENT,
                outputs, firstDifference, compared, equal, "");
    }

    private boolean within(Difference difference, double deviation) {
        return difference.maxAbs() <= maxAbs * Math.max(1, deviation) && difference.nmse() <= maxNmse;
    }

    private void compare(Vectors vectors) {
        Embedder embedder = Embedder.of(model);
        List<float[]> actual = vectors.pooling().isPresent()
                ? List.of(embedder.withPooling(vectors.pooling().get()).embed(vectors.tokens()))
                : embedder.embedTokens(vectors.tokens());
        int width = actual.getFirst().length;
        float[] joined = new float[actual.size() * width];
        for (int i = 0; i < actual.size(); i++) System.arraycopy(actual.get(i), 0, joined, i * width, width);
        Difference difference = Difference.of(joined, 0, vectors.values());
        outputs = outputs.or(difference);
        if (!within(difference, 1)) differs(vectors.name());
    }

    private void compareLayerByLayer(float[] expected) {
        int[] tokens = reference.tokens();
        try (Sequence sequence = sequence()) {
            reference.source().ifPresent(source -> model.encode(sequence, source));
            State state = model.embed(
                    new Rows().append(sequence, model.architecture().mask(), tokens, 0, tokens.length, true));
            for (int layer = 0; layer < model.layers(); layer++) {
                model.advance(state, layer, layer + 1);
                compare(layer, state.hidden());
            }
            compare(Stream.FINAL_NORM, model.normalise(state));
            outputs = outputs.or(Difference.of(model.project(state).values(), 0, expected));
        }
    }

    private void compare(int layer, float[] hidden) {
        for (Stream stream : reference.streams())
            if (stream.layer() == layer
                    && !within(Difference.of(hidden, 0, stream.values()), deviation(stream.values())))
                differs(stream.name());
    }

    private void differs(String what) {
        if (firstDifference.isEmpty()) firstDifference = what;
    }

    private Sequence sequence() {
        return model.newSequence(KvType.F32, KvType.F32);
    }

    private static double deviation(float[] values) {
        double squares = 0;
        for (float value : values) squares += (double) value * value;
        return Math.sqrt(squares / values.length);
    }

    private void compare(Pair pair) {
        try (Sequence first = sequence();
                Sequence second = sequence()) {
            State state = model.embed(new Rows()
                    .append(first, pair.first(), 0, pair.first().length, true)
                    .append(second, pair.second(), 0, pair.second().length, true));
            model.advance(state);
            outputs = outputs.or(Difference.of(model.project(state).values(), 0, pair.logits()));
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
