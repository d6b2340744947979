package dev.laconic.kernels.block;

import dev.laconic.core.tensor.TensorType;
import java.lang.foreign.MemorySegment;

/**
 * A quantised type, seen as what all of them are: small integers in groups that share a scale and perhaps a minimum.
 * Element i is {@code scale[g] * quant[i] - min[g]} with {@code g = i / group}; evaluated in float32 in this order it
 * is the exact value that the format defines.
 */
public abstract class QuantCodec implements BlockCodec {
    private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

    private final TensorType type;
    private final int group;
    private final boolean symmetric;

    QuantCodec(TensorType type, int group, boolean symmetric) {
        this.type = type;
        this.group = group;
        this.symmetric = symmetric;
    }

    @Override
    public final TensorType type() {
        return type;
    }

    /** Elements that share a scale; divides the block. */
    public final int group() {
        return group;
    }

    /** Whether all minimums are zero; {@link #unpack} leaves them alone then. */
    public final boolean symmetric() {
        return symmetric;
    }

    /** Takes {@code n} elements, a whole number of blocks, apart: quants by element, scales and mins by group. */
    public final void unpack(
            MemorySegment source, long offset, int n,
            byte[] quants, int quantsOffset, float[] scales, float[] mins, int groupsOffset) {
        int elements = type.blockElements();
        for (int i = 0; i < n; i += elements) {
            unpackBlock(source, offset, quants, quantsOffset + i, scales, mins, groupsOffset + i / group);
            offset += type.blockBytes();
        }
    }

    abstract void unpackBlock(MemorySegment s, long at, byte[] q, int i, float[] scales, float[] mins, int g);

    @Override
    public final void decode(MemorySegment source, long offset, int n, float[] y, int yOffset) {
        Scratch scratch = SCRATCH.get();
        int elements = type.blockElements();
        for (int i = 0; i < n; i += elements) {
            unpackBlock(source, offset, scratch.quants, 0, scratch.scales, scratch.mins, 0);
            for (int j = 0; j < elements; j++) {
                int g = j / group;
                float value = scratch.scales[g] * scratch.quants[j];
                y[yOffset + i + j] = symmetric ? value : value - scratch.mins[g];
            }
            offset += type.blockBytes();
        }
    }

    private static final class Scratch {
        final byte[] quants = new byte[256];
        final float[] scales = new float[16];
        final float[] mins = new float[16];
    }
}
