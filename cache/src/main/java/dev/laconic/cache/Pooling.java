package dev.laconic.cache;

/** What an entry takes from those around it. */
public enum Pooling {
    /** Their mean, zeros where there is none. */
    MEAN,
    /** The largest of them, or zero. */
    MAX;

    static void requireOdd(int kernel) {
        if (kernel % 2 == 0) throw new IllegalArgumentException("kernel: found " + kernel + ", expected an odd number");
    }

    /** Pools each of the first {@code n} elements with its neighbours: {@code x[i - kernel / 2 ... i + kernel / 2]}. */
    void pool(float[] x, int n, int kernel, float[] pooled) {
        for (int i = 0; i < n; i++) {
            float all = 0;
            for (int j = Math.max(0, i - kernel / 2); j <= Math.min(n - 1, i + kernel / 2); j++)
                all = this == MAX ? Math.max(all, x[j]) : all + x[j];
            pooled[i] = this == MAX ? all : all / kernel;
        }
    }
}
