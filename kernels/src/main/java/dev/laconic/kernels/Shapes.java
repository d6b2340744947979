package dev.laconic.kernels;

import dev.laconic.core.tensor.Tensor;
import java.util.Objects;

/** Checks arguments once for each call, so that a wrong offset fails at once and not in some thread. */
final class Shapes {
    private Shapes() {}

    static void check(
            Tensor weight, float[] x, int xOffset, int xStride, int n, float[] y, int yOffset, int yStride) {
        if (n <= 0) return;
        Objects.checkFromIndexSize(xOffset, Math.addExact(Math.multiplyExact(n - 1, xStride), weight.columns()), x.length);
        Objects.checkFromIndexSize(yOffset, Math.addExact(Math.multiplyExact(n - 1, yStride), weight.rows()), y.length);
    }
}
