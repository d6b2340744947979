package dev.laconic.model.generate;

import dev.laconic.core.ReceiptRecorder;
import dev.laconic.core.error.UsageException;
import dev.laconic.model.Logits;
import dev.laconic.model.Mask;
import dev.laconic.model.Model;
import dev.laconic.model.Rows;
import dev.laconic.model.Sequence;
import dev.laconic.model.State;
import dev.laconic.tokenize.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Fills the hidden tokens of a text with a masked diffusion model, one a step.
 *
 * <p>Nie et al., Large Language Diffusion Models, 2502.09992, with as many steps as tokens and low-confidence remasking:
 * while a token is hidden, the whole text is computed and the hidden token whose likeliest value is most probable becomes
 * that value. Long replies are filled block by block from the left (semi-autoregressive remasking): tokens behind the block
 * are hidden and stay so until it is full. What stands behind an end of the reply is no longer computed. Nothing is cached: a step costs a forward pass
 * over the whole text.
 */
public final class Denoiser {
    /** Length of a block if nothing else is asked for. */
    public static final int BLOCK = 32;

    private final Model model;
    private final Tokenizer tokenizer;
    private final int block;
    private final int mask;
    private final boolean shifted;
    private final Set<Integer> ends;
    private final State state;
    private final Rows rows = new Rows();

    /**
     * @param block tokens that are filled before those behind them are begun
     * @throws UsageException if the model's rows do not see the whole text, its vocabulary has no mask, or there is no block
     */
    public Denoiser(Model model, Tokenizer tokenizer, int block) {
        if (block < 1) throw new UsageException("block: found " + block + ", expected 1 or more");
        if (!predicts(model))
            throw new UsageException(model.parameters().architecture() + " is no masked diffusion model");
        this.model = model;
        this.tokenizer = tokenizer;
        this.block = block;
        mask = tokenizer.special()
                .mask()
                .orElseThrow(() -> new UsageException("the model's vocabulary has no token that hides others"));
        shifted = model.parameters().metadata().bool("diffusion.shift_logits").orElse(false);
        ends = tokenizer.special().endOfGeneration();
        state = model.newState();
    }

    /** Whether a model is one of this kind. */
    public static boolean predicts(Model model) {
        return model.architecture().mask() == Mask.BIDIRECTIONAL && model.architecture().hasHead();
    }

    /**
     * A reply, the likeliest.
     *
     * @param prompt at least one token
     * @param length most tokens of the reply, the end included
     */
    public Answer reply(int[] prompt, int length) {
        ReceiptRecorder recorder = new ReceiptRecorder(model.layers());
        recorder.kernels(model.kernels().name());
        recorder.prompt(prompt.length, prompt.length);
        int[] ids = fill(prompt, length, recorder);
        recorder.emitted(ids.length);
        return new Answer(
                new String(tokenizer.bytes(ids, false), StandardCharsets.UTF_8),
                Arrays.stream(ids).boxed().toList(),
                ids.length < length ? FinishReason.STOP : FinishReason.LENGTH,
                List.of(),
                recorder.receipt());
    }

    /** The tokens of a reply, without the one that ends it. */
    private int[] fill(int[] prompt, int length, ReceiptRecorder recorder) {
        int[] text = Arrays.copyOf(prompt, prompt.length + length);
        Arrays.fill(text, prompt.length, text.length, mask);
        int end = text.length;
        for (int from = prompt.length; from < end; from += block) {
            for (int left = Math.min(block, end - from); left > 0; left--) {
                int at = reveal(text, from, Math.min(from + block, end), end, recorder);
                if (at < 0) break;
                if (ends.contains(text[at])) end = at;
            }
        }
        return Arrays.copyOfRange(text, prompt.length, end);
    }

    /** Fills the surest hidden token from {@code from} to {@code to}; where it is, or -1 if none is hidden. */
    private int reveal(int[] text, int from, int to, int end, ReceiptRecorder recorder) {
        int at = -1;
        int token = mask;
        double best = Double.NEGATIVE_INFINITY;
        boolean any = false;
        for (int i = from; i < to; i++) any |= text[i] == mask;
        if (!any) return -1;
        try (Sequence sequence = model.newSequence()) {
            Logits logits = predict(sequence, text, from, to, end, recorder);
            for (int i = from, row = 0; i < to; i++, row++) {
                if (text[i] != mask) continue;
                int likeliest = likeliest(logits, row);
                double confidence = logits.logProbability(row, likeliest);
                if (confidence <= best) continue;
                best = confidence;
                at = i;
                token = likeliest;
            }
        }
        if (at >= 0) text[at] = token;
        return at;
    }

    /** The logits of tokens {@code from} to {@code to}; where an end was found, what lies behind it is left away. */
    private Logits predict(
            Sequence sequence, int[] text, int from, int to, int end, ReceiptRecorder recorder) {
        rows.clear().span(sequence, Mask.BIDIRECTIONAL);
        int ahead = shifted ? 1 : 0;
        int shown = Math.min(text.length, end + 1);
        for (int i = 0; i < shown; i++) rows.token(text[i], i, i >= from - ahead && i < to - ahead);
        model.advance(model.embed(rows, state).logitsOnly());
        recorder.rows(0, model.layers(), shown);
        recorder.forwardPass();
        return model.project(state);
    }

    private int likeliest(Logits logits, int row) {
        float[] values = logits.values();
        int from = logits.offset(row);
        int best = mask == 0 ? 1 : 0;
        for (int token = 0; token < logits.vocabulary(); token++)
            if (token != mask && values[from + token] > values[from + best]) best = token;
        return best;
    }
}
