package dev.laconic.kernels;

import dev.laconic.core.error.UsageException;
import java.util.List;

/**
 * Which arithmetic to use.
 *
 * @param provider {@code auto}, {@code native}, {@code vector} or {@code scalar}
 * @param threads how many threads share a product; 0 stands for all processors this process may use
 * @param activations what weights are multiplied with
 */
public record KernelOptions(String provider, int threads, Activations activations) {
    private static final List<String> PROVIDERS = List.of("auto", "native", "vector", "scalar");

    /**
     * How the inputs of a product with quantised weights are represented. Other weights meet float32, but unless this is
     * {@link #F32} those in bf16 meet bf16 where the processor multiplies such in pairs, as the provider's name says.
     */
    public enum Activations {
        F32,
        /**
         * Rounded to 8 bits with one scale for each 32 elements, or each 256 where the weights' blocks are that long.
         */
        INT8,
        /**
         * {@link #INT8} where integers are multiplied faster, by native kernels all quantised weights and by the Vector API
         * Q4_0 and Q4_K, else {@link #F32}.
         */
        AUTO
    }

    public KernelOptions {
        if (!PROVIDERS.contains(provider))
            throw new UsageException("kernel provider '" + provider + "' is not one of " + String.join(", ", PROVIDERS));
        if (threads < 0 || threads > 1024)
            throw new UsageException("threads must be 0 (all processors) to 1024, found " + threads);
        if (threads == 0) threads = Runtime.getRuntime().availableProcessors();
    }

    public static KernelOptions defaults() {
        return new KernelOptions("auto", 0, Activations.AUTO);
    }

    public KernelOptions withProvider(String newProvider) {
        return new KernelOptions(newProvider, threads, activations);
    }

    public KernelOptions withThreads(int newThreads) {
        return new KernelOptions(provider, newThreads, activations);
    }

    public KernelOptions withActivations(Activations newActivations) {
        return new KernelOptions(provider, threads, newActivations);
    }
}
