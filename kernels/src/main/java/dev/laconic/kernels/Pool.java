package dev.laconic.kernels;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;

/** A few objects that callers borrow in turn: one caller after another gets the same one and nothing is allocated. */
final class Pool<T> {
    private final AtomicReferenceArray<T> spare = new AtomicReferenceArray<>(8);
    private final Supplier<T> factory;

    Pool(Supplier<T> factory) {
        this.factory = factory;
    }

    T take() {
        for (int i = 0; i < spare.length(); i++) {
            T object = spare.getAndSet(i, null);
            if (object != null) return object;
        }
        return factory.get();
    }

    void give(T object) {
        for (int i = 0; i < spare.length(); i++) if (spare.compareAndSet(i, null, object)) return;
    }
}
