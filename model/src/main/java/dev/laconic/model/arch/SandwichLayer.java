package dev.laconic.model.arch;

import dev.laconic.model.State;
import dev.laconic.model.State.Buffer;
import dev.laconic.model.block.Norm;
import dev.laconic.model.block.SelfAttention;
import java.util.Optional;

/**
 * A layer that normalises what its branches give: {@code x += post1(attention(pre1(x))); x += post2(feedForward(pre2(x)))}.
 * Without a norm before it a branch reads x itself.
 */
record SandwichLayer(
        Optional<Norm> attentionNorm, SelfAttention attention, Norm attentionPostNorm,
        Optional<Norm> feedForwardNorm, PreNormLayer.Branch feedForward, Norm feedForwardPostNorm)
        implements Transformer.Layer {

    @Override
    public Buffer beforeAttention(State state) {
        return before(state, attentionNorm);
    }

    @Override
    public void apply(State state) {
        attention.apply(state, beforeAttention(state), Buffer.BRANCH);
        attentionPostNorm.apply(state, Buffer.BRANCH, Buffer.BRANCH);
        state.addBranch(Buffer.BRANCH);
        feedForward.apply(state, before(state, feedForwardNorm), Buffer.BRANCH);
        feedForwardPostNorm.apply(state, Buffer.BRANCH, Buffer.BRANCH);
        state.addBranch(Buffer.BRANCH);
    }

    private static Buffer before(State state, Optional<Norm> norm) {
        if (norm.isEmpty()) return Buffer.HIDDEN;
        norm.get().apply(state, Buffer.HIDDEN, Buffer.NORMED);
        return Buffer.NORMED;
    }
}
