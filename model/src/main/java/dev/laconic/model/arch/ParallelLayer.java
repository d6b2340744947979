package dev.laconic.model.arch;

import dev.laconic.model.State;
import dev.laconic.model.State.Buffer;
import dev.laconic.model.block.Norm;
import dev.laconic.model.block.SelfAttention;

/**
 * A layer whose branches read the same rows: {@code x += attention(norm1(x)) + feedForward(norm2(x))}.
 *
 * @param feedForwardNorm the same object as {@code attentionNorm} where both branches share one norm
 */
record ParallelLayer(
        Norm attentionNorm, SelfAttention attention, Norm feedForwardNorm, PreNormLayer.Branch feedForward)
        implements Transformer.Layer {

    /** A layer with one norm. */
    ParallelLayer(Norm norm, SelfAttention attention, PreNormLayer.Branch feedForward) {
        this(norm, attention, norm, feedForward);
    }

    @Override
    public Buffer beforeAttention(State state) {
        attentionNorm.apply(state, Buffer.HIDDEN, Buffer.NORMED);
        return Buffer.NORMED;
    }

    @Override
    public void apply(State state) {
        attention.apply(state, beforeAttention(state), Buffer.BRANCH);
        if (feedForwardNorm != attentionNorm) feedForwardNorm.apply(state, Buffer.HIDDEN, Buffer.NORMED);
        feedForward.apply(state, Buffer.NORMED, Buffer.BRANCH_2);
        state.addBranch(Buffer.BRANCH);
        state.addBranch(Buffer.BRANCH_2);
    }
}
