package dev.laconic.kernels.block;

import dev.laconic.core.tensor.TensorType;
import java.lang.foreign.MemorySegment;

/**
 * A quantised type, seen as what all of them are: small integers in groups that share a scale and perhaps a minimum.
 * Element i is {@code scale[g] * quant[i] - min[g]} with {@code g = i / group}; evaluated in float32 in this order it
 * is the exact value that the format defines.
 */
public abstract class QuantCodec implements BlockCodec {
    /** Elements that are decoded at once: whole blocks of any type. */
    private static final int MOST = 1024;

    private static final int LEAST_GROUP = 16;
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
        Scratch scratch = SCRATCH.get();
        int elements = type.blockElements();
        int at = 0;
        int read = 0;
        for (int i = 0; i < n; i += elements, at += type.blockBytes()) {
            if (at == read) {
                at = 0;
                read = scratch.read(source, offset, type, n - i);
                offset += read;
            }
            unpackBlock(scratch.bytes, at, quants, quantsOffset + i, scales, mins, groupsOffset + i / group);
        }
    }

    /** Takes the block at {@code s[at]} apart. */
    abstract void unpackBlock(byte[] s, int at, byte[] q, int i, float[] scales, float[] mins, int g);

    @Override
    public final void decode(MemorySegment source, long offset, int n, float[] y, int yOffset) {
        Scratch scratch = SCRATCH.get();
        for (int i = 0; i < n; i += MOST) {
            int some = Math.min(MOST, n - i);
            unpack(source, offset + type.bytes(i), some, scratch.quants, 0, scratch.scales, scratch.mins, 0);
            for (int j = 0; j < some; j++) {
                int g = j / group;
                float value = scratch.scales[g] * scratch.quants[j];
                y[yOffset + i + j] = symmetric ? value : value - scratch.mins[g];
            }
        }
    }

    /** Blocks are read as arrays: what reads numbers from memory takes Java long to make, and long until it is compiled. */
    private static final class Scratch {
        final byte[] quants = new byte[MOST];
        final float[] scales = new float[MOST / LEAST_GROUP];
        final float[] mins = new float[MOST / LEAST_GROUP];
        final byte[] bytes = new byte[2048];
        private final MemorySegment memory = MemorySegment.ofArray(bytes);

        /** Reads whole blocks, as many of {@code n} elements as there is room for, and returns their bytes. */
        int read(MemorySegment source, long offset, TensorType type, int n) {
            int blocks = Math.min(n / type.blockElements(), bytes.length / type.blockBytes());
            int size = blocks * type.blockBytes();
            MemorySegment.copy(source, offset, memory, 0, size);
            return size;
        }
    }
}
