package dev.laconic.bench.cache;

import dev.laconic.core.Receipt;
import dev.laconic.core.ReceiptRecorder;
import dev.laconic.model.Model;
import dev.laconic.model.Rows;
import dev.laconic.model.Sequence;
import dev.laconic.model.State;
import dev.laconic.model.generate.GenerationOptions;
import java.util.function.BooleanSupplier;

/** Feeds tokens to one sequence and counts what that takes. */
final class Reader {
    /** Thrown where a run is no longer wanted. */
    static final class Cancelled extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private final Model model;
    private final Sequence sequence;
    private final State state;
    private final BooleanSupplier cancelled;
    private final Rows rows = new Rows();
    private final ReceiptRecorder recorder;
    private int fed;

    /** @param state of the model, used again from reader to reader */
    Reader(Model model, Sequence sequence, State state, BooleanSupplier cancelled) {
        this.model = model;
        this.sequence = sequence;
        this.state = state;
        this.cancelled = cancelled;
        fed = sequence.length();
        recorder = new ReceiptRecorder(model.layers());
    }

    /** Reads on to the end of a prompt, of which the sequence holds what it is long, and compresses it there. */
    void prompt(int[] ids, int end) {
        recorder.prompt(end, end);
        while (fed < end) {
            int to = Math.min(end, fed + GenerationOptions.DEFAULT_PREFILL_CHUNK);
            sequence.prefill(end, to == end);
            step(ids, fed, to);
        }
        sequence.decode();
    }

    /** Reads a part of a prompt that goes on. */
    void part(int[] ids, int end, int promptLength) {
        while (fed < end) {
            sequence.prefill(promptLength, false);
            step(ids, fed, Math.min(end, fed + GenerationOptions.DEFAULT_PREFILL_CHUNK));
        }
    }

    /** Reads tokens after the prompt one by one. */
    void tokens(int[] ids, int from, int to) {
        for (int i = from; i < to; i++) step(ids, i, i + 1);
    }

    private void step(int[] ids, int from, int to) {
        if (cancelled.getAsBoolean()) throw new Cancelled();
        int position = sequence.length();
        rows.clear().span(sequence, model.architecture().mask());
        for (int i = from; i < to; i++) rows.token(ids[i], position++, i == to - 1);
        model.advance(model.embed(rows, state).logitsOnly());
        fed += to - from;
        recorder.rows(0, model.layers(), to - from);
        recorder.kv(sequence.hotBytes(), sequence.coldBytes(), sequence.cache().fullBytes(fed));
        recorder.kvPeak(sequence.peakBytes());
    }

    /** The likeliest next token, which comes out. */
    int next() {
        recorder.forwardPass();
        int next = model.project(state).argmax(0);
        recorder.emitted(1);
        return next;
    }

    /** The natural logarithm of the probability that a token comes next. */
    double logProbability(int token) {
        recorder.forwardPass();
        return model.project(state).logProbability(0, token);
    }

    Receipt receipt() {
        return recorder.receipt();
    }
}
