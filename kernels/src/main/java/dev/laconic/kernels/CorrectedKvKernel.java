package dev.laconic.kernels;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.Function;

/**
 * Attention over {@code X = D + A B + S}: packed codes D, a product of rank {@value #RANK} or 1 and a few single elements S,
 * for each group of {@value #GROUP} entries; there are types without S, and some without the product. Sums are taken part by
 * part, as {@code q . x = q . d + a (B q) + q . s} and
 * {@code sum w x = sum w d + (sum w a) B + sum w s}, and X is never put together.
 *
 * <p>A group lies as: A as f16, entry by entry, zero for those that a group has no more; B as f16, row by row; the number of
 * elements of S as 16 bits, then for each its index {@code entry * dimension + channel} as unsigned 16 bits and its value as
 * f16; then D.
 */
final class CorrectedKvKernel implements KvKernel {
    static final int GROUP = 64;
    private static final int RANK = 2;
    /** Share of a vector's elements that are kept apart at either end. */
    private static final double APART = 0.01;
    private static final int ITERATIONS = 3;

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final KvType type;
    private final KvKernel codes;
    private final int rank;

    private CorrectedKvKernel(KvType type, KvKernel codes) {
        this.type = type;
        this.codes = codes;
        rank = rank(type);
    }

    /** The kernel of a type, of kernels that know the plain ones. */
    static KvKernel of(KvType type, Function<KvType, KvKernel> plain, RotatedKvKernel.Turn hadamard) {
        return switch (type.grouping()) {
            case ROTATED -> new RotatedKvKernel(plain.apply(type), hadamard);
            case CORRECTED, LOW_RANK, RANK_ONE, SPARSE -> new CorrectedKvKernel(type, plain.apply(type.codes()));
            case LOWER, UPPER -> new PairedKvKernel(type, plain.apply(type.codes()));
            default -> plain.apply(type);
        };
    }

    private static int rank(KvType type) {
        return switch (type.grouping()) {
            case SPARSE -> 0;
            case RANK_ONE -> 1;
            default -> RANK;
        };
    }

    private static boolean hasElements(KvType type) {
        return type.grouping() == KvType.Grouping.CORRECTED || type.grouping() == KvType.Grouping.SPARSE;
    }

    /** Elements of a group that are kept apart, at most. */
    private static int apart(KvType type, int dimension) {
        if (!hasElements(type)) return 0;
        boolean channels = type.codes().grouping() == KvType.Grouping.CHANNEL;
        return 2 * (channels ? dimension * each(GROUP) : GROUP * each(dimension));
    }

    /** Elements at either end of a vector of {@code n} that are kept apart. */
    private static int each(int n) {
        return (int) Math.max(1, Math.round(APART * n));
    }

    /** Bytes of what stands before the codes of a group. */
    static long headBytes(KvType type, int dimension) {
        return 2L * rank(type) * (GROUP + dimension) + 2 + 4L * apart(type, dimension);
    }

    static long groupBytes(KvType type, int dimension) {
        return headBytes(type, dimension) + type.codes().bytes(dimension, GROUP);
    }

    @Override
    public KvType type() {
        return type;
    }

    @Override
    public void write(float[] x, int xOffset, int xStride, int n, MemorySegment page, long base, int at, int dimension) {
        if (at != 0) throw new IllegalArgumentException("a page of " + type + " is written at once, not from entry " + at);
        for (int from = 0; from < n; from += GROUP)
            new Encoder(x, xOffset + from * xStride, xStride, Math.min(GROUP, n - from), dimension)
                    .write(page, base + from / GROUP * groupBytes(type, dimension));
    }

    @Override
    public void read(MemorySegment page, long base, int at, int n, int dimension, float[] x, int xOffset, int xStride) {
        for (int j = 0; j < n; j++) {
            int entry = at + j;
            long group = base + entry / GROUP * groupBytes(type, dimension);
            int slot = entry % GROUP;
            int to = xOffset + j * xStride;
            codes.read(page, group + headBytes(type, dimension), slot, 1, dimension, x, to, 0);
            for (int r = 0; r < rank; r++) {
                float a = factorA(page, group, slot, r);
                for (int c = 0; c < dimension; c++) x[to + c] += a * factorB(page, group, r, c, dimension);
            }
            int count = count(page, group, dimension);
            for (int i = 0; i < count; i++) {
                int index = index(page, group, i, dimension);
                if (index / dimension == slot) x[to + index % dimension] += value(page, group, i, dimension);
            }
        }
    }

    @Override
    public void scores(
            MemorySegment page, long base, int from, int to, int dimension,
            float[] queries, int queriesOffset, int queriesStride, int n, float scale,
            float[] scores, int scoresOffset, int scoresStride) {
        for (int start = from; start < to; start = (start / GROUP + 1) * GROUP) {
            int first = start / GROUP * GROUP;
            int end = Math.min(to, first + GROUP);
            long group = base + first / GROUP * groupBytes(type, dimension);
            int out = scoresOffset + start - from;
            codes.scores(page, group + headBytes(type, dimension), start - first, end - first, dimension,
                    queries, queriesOffset, queriesStride, n, scale, scores, out, scoresStride);
            int count = count(page, group, dimension);
            for (int q = 0; q < n; q++) {
                int query = queriesOffset + q * queriesStride;
                int row = out + q * scoresStride - (start - first);
                for (int r = 0; r < rank; r++) {
                    float product = 0;
                    for (int c = 0; c < dimension; c++)
                        product += queries[query + c] * factorB(page, group, r, c, dimension);
                    for (int slot = start - first; slot < end - first; slot++)
                        scores[row + slot] += scale * product * factorA(page, group, slot, r);
                }
                for (int i = 0; i < count; i++) {
                    int index = index(page, group, i, dimension);
                    int slot = index / dimension;
                    if (slot >= start - first && slot < end - first)
                        scores[row + slot] +=
                                scale * queries[query + index % dimension] * value(page, group, i, dimension);
                }
            }
        }
    }

    @Override
    public void accumulate(
            MemorySegment page, long base, int from, int to, int dimension,
            float[] weights, int weightsOffset, int weightsStride, int n,
            float[] y, int yOffset, int yStride) {
        for (int start = from; start < to; start = (start / GROUP + 1) * GROUP) {
            int first = start / GROUP * GROUP;
            int end = Math.min(to, first + GROUP);
            long group = base + first / GROUP * groupBytes(type, dimension);
            int in = weightsOffset + start - from;
            codes.accumulate(page, group + headBytes(type, dimension), start - first, end - first, dimension,
                    weights, in, weightsStride, n, y, yOffset, yStride);
            int count = count(page, group, dimension);
            for (int q = 0; q < n; q++) {
                int out = yOffset + q * yStride;
                int row = in + q * weightsStride - (start - first);
                for (int r = 0; r < rank; r++) {
                    float sum = 0;
                    for (int slot = start - first; slot < end - first; slot++)
                        sum += weights[row + slot] * factorA(page, group, slot, r);
                    for (int c = 0; c < dimension; c++) y[out + c] += sum * factorB(page, group, r, c, dimension);
                }
                for (int i = 0; i < count; i++) {
                    int index = index(page, group, i, dimension);
                    int slot = index / dimension;
                    if (slot >= start - first && slot < end - first)
                        y[out + index % dimension] += weights[row + slot] * value(page, group, i, dimension);
                }
            }
        }
    }

    private float factorA(MemorySegment page, long group, int slot, int r) {
        return PackedKv.half(page, group + 2L * (slot * rank + r));
    }

    private float factorB(MemorySegment page, long group, int r, int channel, int dimension) {
        return PackedKv.half(page, group + 2L * (rank * GROUP + r * dimension + channel));
    }

    private long elements(long group, int dimension) {
        return group + 2L * rank * (GROUP + dimension);
    }

    private int count(MemorySegment page, long group, int dimension) {
        return page.get(SHORT, elements(group, dimension)) & 0xFFFF;
    }

    private int index(MemorySegment page, long group, int i, int dimension) {
        return page.get(SHORT, elements(group, dimension) + 2 + 4L * i) & 0xFFFF;
    }

    private float value(MemorySegment page, long group, int i, int dimension) {
        return PackedKv.half(page, elements(group, dimension) + 4 + 4L * i);
    }

    /** Takes one group apart. */
    private final class Encoder {
        private final int n;
        private final int dimension;
        /** What is encoded, its outliers replaced by the mean of the others in their vector. */
        private final float[] x;
        private final float[] whole;
        private final boolean[] apart;

        Encoder(float[] source, int offset, int stride, int n, int dimension) {
            this.n = n;
            this.dimension = dimension;
            x = new float[n * dimension];
            for (int j = 0; j < n; j++) System.arraycopy(source, offset + j * stride, x, j * dimension, dimension);
            whole = x.clone();
            apart = new boolean[x.length];
            if (!hasElements(type)) return;
            if (type.codes().grouping() == KvType.Grouping.CHANNEL)
                for (int c = 0; c < dimension; c++) setApart(c, dimension, n, each(GROUP));
            else for (int j = 0; j < n; j++) setApart(j * dimension, 1, dimension, each(dimension));
        }

        private void setApart(int from, int step, int count, int each) {
            if (count <= 2 * each) return;
            float[] sorted = new float[count];
            for (int i = 0; i < count; i++) sorted[i] = x[from + i * step];
            Arrays.sort(sorted);
            float low = sorted[each];
            float high = sorted[count - 1 - each];
            int below = 0;
            int above = 0;
            double sum = 0;
            for (int i = 0; i < count; i++) {
                float element = x[from + i * step];
                if (element < low) below++;
                else if (element > high) above++;
                else sum += element;
            }
            // Of those equal to the limits, each that completes the ones set apart.
            sum -= (each - below) * (double) low;
            sum -= (each - above) * (double) high;
            float mean = (float) (sum / (count - 2 * each));
            for (int i = 0; i < count; i++) {
                int at = from + i * step;
                if (x[at] >= low && x[at] <= high) continue;
                apart[at] = true;
                x[at] = mean;
            }
        }

        void write(MemorySegment page, long group) {
            long packed = group + headBytes(type, dimension);
            codes.write(x, 0, dimension, n, page, packed, 0, dimension);
            float[] error = new float[x.length];
            codes.read(page, packed, 0, n, dimension, error, 0, dimension);
            float[] decoded = error.clone();
            for (int i = 0; i < x.length; i++) error[i] = apart[i] ? 0 : x[i] - error[i];
            writeFactors(error, page, group);
            int count = 0;
            for (int i = 0; i < x.length; i++) {
                if (!apart[i]) continue;
                float rest = whole[i] - decoded[i];
                for (int r = 0; r < rank; r++)
                    rest -= factorA(page, group, i / dimension, r) * factorB(page, group, r, i % dimension, dimension);
                long at = elements(group, dimension) + 2 + 4L * count++;
                page.set(SHORT, at, (short) i);
                page.set(SHORT, at + 2, Float.floatToFloat16(rest));
            }
            page.set(SHORT, elements(group, dimension), (short) count);
        }

        /** Power iteration: A's columns become an orthonormal basis of where E is largest, B their products with E. */
        private void writeFactors(float[] error, MemorySegment page, long group) {
            double[][] b = new double[rank][dimension];
            double[][] a = new double[rank][n];
            for (int r = 0; r < rank; r++) for (int c = 0; c < dimension; c++) b[r][c] = (c + r) % rank == 0 ? 1 : -0.5;
            for (int iteration = 0; iteration < ITERATIONS; iteration++) {
                for (int r = 0; r < rank; r++)
                    for (int j = 0; j < n; j++) {
                        double sum = 0;
                        for (int c = 0; c < dimension; c++) sum += error[j * dimension + c] * b[r][c];
                        a[r][j] = sum;
                    }
                orthonormalise(a);
                for (int r = 0; r < rank; r++)
                    for (int c = 0; c < dimension; c++) {
                        double sum = 0;
                        for (int j = 0; j < n; j++) sum += error[j * dimension + c] * a[r][j];
                        b[r][c] = sum;
                    }
            }
            for (int j = 0; j < GROUP; j++)
                for (int r = 0; r < rank; r++)
                    page.set(SHORT, group + 2L * (j * rank + r), j < n ? Float.floatToFloat16((float) a[r][j]) : 0);
            for (int r = 0; r < rank; r++)
                for (int c = 0; c < dimension; c++)
                    page.set(SHORT, group + 2L * (rank * GROUP + r * dimension + c),
                            Float.floatToFloat16((float) b[r][c]));
        }

        private static void orthonormalise(double[][] rows) {
            for (int r = 0; r < rows.length; r++) {
                for (int before = 0; before < r; before++) {
                    double product = 0;
                    for (int j = 0; j < rows[r].length; j++) product += rows[r][j] * rows[before][j];
                    for (int j = 0; j < rows[r].length; j++) rows[r][j] -= product * rows[before][j];
                }
                double length = 0;
                for (double each : rows[r]) length += each * each;
                length = Math.sqrt(length);
                for (int j = 0; j < rows[r].length; j++) rows[r][j] = length < 1e-20 ? 0 : rows[r][j] / length;
            }
        }
    }
}
