package dev.laconic.model.kv;

import dev.laconic.kernels.Kernels;
import dev.laconic.kernels.KvType;

/**
 * Keys or values of a lower and an upper layer as directions that both share, and how long each is in either.
 *
 * @param asLower how a shared page is read by the lower layer
 * @param asUpper how it is read by the upper layer: the same type but for that
 * @param vectors the directions, of length one, one after another
 * @param lower lengths in the lower layer
 * @param upper lengths in the upper layer
 */
public record Directions(KvType asLower, KvType asUpper, float[] vectors, float[] lower, float[] upper) {

    void write(Kernels kernels, int from, int n, Page page, long base, int dimension) {
        kernels.kv(asLower).write(vectors, lower, upper, from, n, page.data(), base, dimension);
    }
}
