package dev.laconic.cache;

import dev.laconic.kernels.Kernels;
import dev.laconic.kernels.KvKernel;
import dev.laconic.kernels.KvType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A vector in f16 for each sentence of a KV head, in order. */
final class SentenceKeys {
    private final KvKernel kernel;
    private final int dimension;
    private MemorySegment data;
    private int count;

    SentenceKeys(Kernels kernels, int dimension) {
        kernel = kernels.kv(KvType.F16);
        this.dimension = dimension;
        data = room(16);
    }

    private MemorySegment room(int sentences) {
        return Arena.ofAuto().allocate((long) sentences * kernel.type().bytes(dimension), 64);
    }

    int count() {
        return count;
    }

    void add(float[] vector) {
        int each = kernel.type().bytes(dimension);
        if (data.byteSize() < (count + 1L) * each) {
            MemorySegment more = room(2 * count);
            MemorySegment.copy(data, 0, more, 0, (long) count * each);
            data = more;
        }
        kernel.write(vector, 0, 0, 1, data, 0, count++, dimension);
    }

    /** Keeps the first sentences. */
    void truncate(int sentences) {
        count = Math.min(count, sentences);
    }

    /** The product of a query with each. */
    void scores(float[] query, float[] scores) {
        kernel.scores(data, 0, 0, count, dimension, query, 0, dimension, 1, 1f, scores, 0, count);
    }

    void copy(SentenceKeys from) {
        data = room((int) (from.data.byteSize() / kernel.type().bytes(dimension)));
        MemorySegment.copy(from.data, 0, data, 0, from.data.byteSize());
        count = from.count;
    }

    long bytes() {
        return data.byteSize();
    }
}
