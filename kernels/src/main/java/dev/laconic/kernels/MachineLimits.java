package dev.laconic.kernels;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The most that some threads of this machine do in a second, each the best of short loops that do nothing else.
 *
 * @param threads how many ran at once
 * @param flops float32 multiplications and additions, fused
 * @param integerOps 8-bit multiplications and additions by dot products; 0 where there are no native kernels
 * @param bytes read from memory that no cache holds
 */
public record MachineLimits(int threads, double flops, double integerOps, double bytes) {
    /** The mean of one measurement or several with as many threads. */
    public static MachineLimits mean(List<MachineLimits> measured) {
        return new MachineLimits(
                measured.getFirst().threads, mean(measured, MachineLimits::flops), mean(measured, MachineLimits::integerOps),
                mean(measured, MachineLimits::bytes));
    }

    private static double mean(List<MachineLimits> measured, ToDoubleFunction<MachineLimits> limit) {
        return measured.stream().mapToDouble(limit).average().orElse(0);
    }
}
