package dev.laconic.model.arch;

import dev.laconic.model.State;
import dev.laconic.model.State.Buffer;
import dev.laconic.model.block.Norm;
import dev.laconic.model.block.SelfAttention;

/**
 * The common layer: {@code x += r attention(norm(x)); x += r feedForward(norm(x))}.
 *
 * @param residualScale the factor r on both branches
 */
record PreNormLayer(
        Norm attentionNorm, SelfAttention attention, Norm feedForwardNorm, Branch feedForward, float residualScale)
        implements Transformer.Layer {

    /** A feed-forward part: dense or a mixture of experts. */
    @FunctionalInterface
    interface Branch {
        void apply(State state, Buffer in, Buffer out);
    }

    PreNormLayer(Norm attentionNorm, SelfAttention attention, Norm feedForwardNorm, Branch feedForward) {
        this(attentionNorm, attention, feedForwardNorm, feedForward, 1f);
    }

    /** A layer of the same parts whose branches both read its input. */
    ParallelLayer parallel() {
        return new ParallelLayer(attentionNorm, attention, feedForwardNorm, feedForward);
    }

    @Override
    public Buffer beforeAttention(State state) {
        attentionNorm.apply(state, Buffer.HIDDEN, Buffer.NORMED);
        return Buffer.NORMED;
    }

    @Override
    public void apply(State state) {
        attention.apply(state, beforeAttention(state), Buffer.BRANCH);
        state.addBranch(Buffer.BRANCH, residualScale);
        feedForwardNorm.apply(state, Buffer.HIDDEN, Buffer.NORMED);
        feedForward.apply(state, Buffer.NORMED, Buffer.BRANCH);
        state.addBranch(Buffer.BRANCH, residualScale);
    }
}
