package dev.laconic.kernels;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.B2F;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2I;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector shapes in use: the widest that the processor prefers, or the one named by the system property
 * {@code laconic.vector.bits} (128, 256 or 512).
 */
final class Lanes {
    static final VectorSpecies<Float> F = floats();
    /** Float lanes of a vector: 4, 8 or 16. */
    static final int L = F.length();
    static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, F.vectorShape());
    /** Sixteen bytes, which widen to {@link #PARTS} vectors of floats. */
    static final VectorSpecies<Byte> B = ByteVector.SPECIES_128;

    static final int PARTS = 16 / L;
    /** As many bytes as there are float lanes, where there is such a shape. */
    static final VectorSpecies<Byte> NARROW = L == 16 ? ByteVector.SPECIES_128 : ByteVector.SPECIES_64;
    /** As many 16-bit numbers as there are float lanes. */
    static final VectorSpecies<Short> S =
            VectorSpecies.of(short.class, VectorShape.forBitSize(F.vectorBitSize() / 2));

    static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

    /** The lanes whose number has the bit L / 2; L / 4; L / 8; L / 16. */
    static final VectorMask<Float> HALF = lanesWith(L / 2);
    static final VectorMask<Float> QUARTER = lanesWith(L / 4);
    static final VectorMask<Float> EIGHTH = lanesWith(L / 8);
    static final VectorMask<Float> SIXTEENTH = lanesWith(L / 16);

    /** Exchanges lanes whose numbers differ in the bit L / 2; L / 4; L / 8; L / 16. */
    static final VectorShuffle<Float> SWAP_HALF = VectorShuffle.fromOp(F, i -> i ^ L / 2);
    static final VectorShuffle<Float> SWAP_QUARTER = VectorShuffle.fromOp(F, i -> i ^ L / 4);
    static final VectorShuffle<Float> SWAP_EIGHTH = VectorShuffle.fromOp(F, i -> i ^ L / 8);
    static final VectorShuffle<Float> SWAP_SIXTEENTH = VectorShuffle.fromOp(F, i -> i ^ L / 16);

    private static final VectorShuffle<Float> ROTATE_HALF = VectorShuffle.iota(F, L / 2, 1, true);
    private static final VectorShuffle<Float> ROTATE_QUARTER = VectorShuffle.iota(F, L / 4, 1, true);
    private static final VectorShuffle<Float> ROTATE_EIGHTH = VectorShuffle.iota(F, Math.max(1, L / 8), 1, true);
    private static final VectorShuffle<Float> ROTATE_SIXTEENTH = VectorShuffle.iota(F, Math.max(1, L / 16), 1, true);

    private static final IntVector BYTE_SHIFTS = IntVector.fromArray(I, shifts(), 0);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LE);

    private Lanes() {}

    private static int[] shifts() {
        int[] shifts = new int[L];
        for (int i = 0; i < L; i++) shifts[i] = 8 * i & 31;
        return shifts;
    }

    private static VectorMask<Float> lanesWith(int bit) {
        long lanes = 0;
        for (int i = 0; i < L; i++) if ((i & bit) != 0) lanes |= 1L << i;
        return VectorMask.fromLong(F, lanes);
    }

    /**
     * Fails unless a segment is native; called as {@code requireNative(s.isNative())} by each method that has a loop of loads
     * from it. Loads ask each time for the class of their segment where loads elsewhere have met another: rows of a mapped file
     * are of one, packed weights of another, and that profile belongs to methods of the Vector API, which all share. The profile
     * of the call before the loop is the method's own, and tells the compiler the one class that it meets.
     */
    static void requireNative(boolean is) {
        if (!is) throw new IllegalArgumentException("the loop reads memory outside of Java's heap");
    }

    /** The next L bytes as unsigned integers. */
    static IntVector unsigned(MemorySegment s, long at) {
        if (L == 4) return IntVector.broadcast(I, s.get(INT, at)).lanewise(LSHR, BYTE_SHIFTS).and(0xFF);
        return (IntVector) ByteVector.fromMemorySegment(NARROW, s, at, LE).convertShape(ZERO_EXTEND_B2I, I, 0);
    }

    /** The next L bytes as signed numbers. */
    static FloatVector signed(MemorySegment s, long at) {
        if (L == 4) {
            IntVector bytes = IntVector.broadcast(I, s.get(INT, at)).lanewise(LSHR, BYTE_SHIFTS);
            return floats(bytes.lanewise(LSHL, 24).lanewise(ASHR, 24));
        }
        return (FloatVector) ByteVector.fromMemorySegment(NARROW, s, at, LE).convertShape(B2F, F, 0);
    }

    static FloatVector floats(IntVector v) {
        return (FloatVector) v.convertShape(I2F, F, 0);
    }

    private static VectorSpecies<Float> floats() {
        int bits = Integer.getInteger("laconic.vector.bits", 0);
        if (bits == 0) bits = Math.clamp(FloatVector.SPECIES_PREFERRED.vectorBitSize(), 128, 512);
        return VectorSpecies.of(float.class, VectorShape.forBitSize(bits));
    }

    /** {@code n} rounded up to whole vectors. */
    static int padded(int n) {
        return (n + L - 1) / L * L;
    }

    /**
     * The sum of all lanes, halves first. The order is fixed, unlike that of {@code reduceLanes}, so that interpreted and
     * compiled code agree to the last bit.
     */
    static float sum(FloatVector v) {
        v = v.add(v.rearrange(ROTATE_HALF));
        v = v.add(v.rearrange(ROTATE_QUARTER));
        if (L >= 8) v = v.add(v.rearrange(ROTATE_EIGHTH));
        if (L >= 16) v = v.add(v.rearrange(ROTATE_SIXTEENTH));
        return v.lane(0);
    }

    /** The {@link #sum(FloatVector)} of a vector in memory. */
    static float sum(float[] values, int at) {
        return sum(FloatVector.fromArray(F, values, at));
    }
}
