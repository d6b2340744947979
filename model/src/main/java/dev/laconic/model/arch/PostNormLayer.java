package dev.laconic.model.arch;

import dev.laconic.model.State;
import dev.laconic.model.State.Buffer;
import dev.laconic.model.block.Norm;
import dev.laconic.model.block.SelfAttention;

/** The layer of BERT: {@code x = norm(x + attention(x)); x = norm(x + feedForward(x))}. */
record PostNormLayer(SelfAttention attention, Norm attentionNorm, PreNormLayer.Branch feedForward, Norm outputNorm)
        implements Transformer.Layer {

    @Override
    public Buffer beforeAttention(State state) {
        return Buffer.HIDDEN;
    }

    @Override
    public void apply(State state) {
        attention.apply(state, beforeAttention(state), Buffer.BRANCH);
        state.addBranch(Buffer.BRANCH);
        attentionNorm.apply(state, Buffer.HIDDEN, Buffer.HIDDEN);
        feedForward.apply(state, Buffer.HIDDEN, Buffer.BRANCH);
        state.addBranch(Buffer.BRANCH);
        outputNorm.apply(state, Buffer.HIDDEN, Buffer.HIDDEN);
    }
}
