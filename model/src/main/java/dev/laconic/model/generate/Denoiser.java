package dev.laconic.model.generate;

import dev.laconic.core.error.UsageException;
import dev.laconic.model.Logits;
import dev.laconic.model.Mask;
import dev.laconic.model.Model;
import dev.laconic.model.Rows;
import dev.laconic.model.Sequence;
import dev.laconic.model.State;
import dev.laconic.tokenize.Tokenizer;
import java.util.Arrays;
import java.util.Set;

/**
 * Fills the hidden tokens of a text with a masked diffusion model, one a step.
 *
 * <p>Nie et al., Large Language Diffusion Models, 2502.09992, with as many steps as tokens and low-confidence remasking:
 * while a token is hidden, the whole text is computed and the hidden token whose likeliest value is most probable becomes
 * that value. What stands behind an end of the reply is no longer computed. Nothing is cached: a step costs a forward pass
 * over the whole text.
 */
public final class Denoiser {
    private final Model model;
    private final int mask;
    private final boolean shifted;
    private final Set<Integer> ends;
    private final State state;
    private final Rows rows = new Rows();

    /** @throws UsageException if the model's rows do not see the whole text, or its vocabulary has no mask */
    public Denoiser(Model model, Tokenizer tokenizer) {
        if (!predicts(model))
            throw new UsageException(model.parameters().architecture() + " is no masked diffusion model");
        this.model = model;
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
     * The tokens of a reply, without the one that ends it.
     *
     * @param prompt at least one token
     * @param length most tokens of the reply, the end included
     */
    public int[] reply(int[] prompt, int length) {
        int[] text = Arrays.copyOf(prompt, prompt.length + length);
        Arrays.fill(text, prompt.length, text.length, mask);
        int end = text.length;
        int hidden = length;
        while (hidden > 0) {
            int at = prompt.length - 1;
            int token = mask;
            double best = Double.NEGATIVE_INFINITY;
            try (Sequence sequence = model.newSequence()) {
                Logits logits = predict(sequence, text, prompt.length, end);
                for (int i = prompt.length, row = 0; i < end; i++, row++) {
                    if (text[i] != mask) continue;
                    int likeliest = likeliest(logits, row);
                    double confidence = logits.logProbability(row, likeliest);
                    if (confidence <= best) continue;
                    best = confidence;
                    at = i;
                    token = likeliest;
                }
            }
            text[at] = token;
            hidden--;
            if (!ends.contains(token)) continue;
            end = at;
            hidden = 0;
            for (int i = prompt.length; i < end; i++) if (text[i] == mask) hidden++;
        }
        return Arrays.copyOfRange(text, prompt.length, end);
    }

    /** The logits of tokens {@code from} to {@code to}; where an end was found, it and what lies behind are left away. */
    private Logits predict(Sequence sequence, int[] text, int from, int to) {
        rows.clear().span(sequence, Mask.BIDIRECTIONAL);
        int ahead = shifted ? 1 : 0;
        int shown = Math.min(text.length, to + 1);
        for (int i = 0; i < shown; i++) rows.token(text[i], i, i >= from - ahead && i < to - ahead);
        model.embed(rows, state);
        model.advance(state);
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
