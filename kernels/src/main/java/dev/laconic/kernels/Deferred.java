package dev.laconic.kernels;

import java.util.function.Supplier;

/** Something made once, when it is first asked for. */
final class Deferred<T> implements Supplier<T> {
    private final Supplier<T> making;
    private volatile T made;

    Deferred(Supplier<T> making) {
        this.making = making;
    }

    @Override
    public T get() {
        T found = made;
        return found != null ? found : make();
    }

    boolean isMade() {
        return made != null;
    }

    private synchronized T make() {
        if (made == null) made = making.get();
        return made;
    }
}
