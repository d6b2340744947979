package dev.laconic.kernels;

import dev.laconic.core.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/** Packs matrices in a thread of its own, one after another, while the program does what comes before the first product. */
final class WeightPacker implements Runnable {
    private final NativeLibrary library;
    private final PackedWeights weights;
    private final List<Tensor> matrices;
    private volatile boolean closed;

    private WeightPacker(NativeLibrary library, PackedWeights weights, List<Tensor> matrices) {
        this.library = library;
        this.weights = weights;
        this.matrices = matrices;
    }

    static Preparation start(NativeLibrary library, PackedWeights weights, List<Tensor> matrices) {
        WeightPacker packer = new WeightPacker(library, weights, matrices);
        Thread thread = Thread.ofPlatform().daemon().name("laconic-packer").start(packer);
        return () -> packer.stop(thread);
    }

    @Override
    public void run() {
        try {
            for (Tensor matrix : matrices) if (!closed) pack(matrix);
        } catch (OutOfMemoryError none) {
            closed = true; // a product that needs the matrix says so
        }
    }

    private void pack(Tensor matrix) {
        Optional<Packing> packing = weights.packing(matrix, library);
        if (packing.isEmpty()) return;
        while (!closed && packing.get().packStretch()) {}
        if (packing.get().isDone()) weights.finish(matrix, packing.get());
        else if (closed) weights.forget(packing.get());
    }

    private void stop(Thread thread) {
        closed = true;
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException later) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }
}
