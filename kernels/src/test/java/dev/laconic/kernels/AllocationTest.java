package dev.laconic.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.laconic.core.tensor.Tensor;
import dev.laconic.core.tensor.TensorType;
import dev.laconic.kernels.KernelOptions.Activations;
import dev.laconic.kernels.block.Blocks;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Once compiled, no kernel allocates: vectors that escaped into objects would show here. */
@Timeout(120)
class AllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final Samples samples = new Samples(5);

    @Test
    void nothingIsAllocatedAfterWarmUp() {
        try (Kernels kernels = Kernels.of(new KernelOptions("auto", 1, Activations.F32));
                Kernels int8 = Kernels.of(new KernelOptions("auto", 1, Activations.INT8));
                Kernels rounding = Kernels.of(new KernelOptions("vector", 1, Activations.INT8))) {
            Map<String, Runnable> calls = new LinkedHashMap<>();
            float[] x = samples.normal(83 * 1024);
            float[] y = new float[16 * 1024];
            for (TensorType type : Blocks.types()) {
                Tensor weight = samples.weights(type, 12, 1024);
                calls.put("products with " + type, () -> {
                    kernels.matmul(weight, x, 0, 1024, 1, y, 0, 12);
                    kernels.matmul(weight, x, 0, 1024, 9, y, 0, 12);
                    kernels.matmul(weight, x, 0, 1024, 83, y, 0, 12);
                    int8.matmul(weight, x, 0, 1024, 1, y, 0, 12);
                    int8.matmul(weight, x, 0, 1024, 3, y, 0, 12);
                    rounding.matmul(weight, x, 0, 1024, 3, y, 0, 12);
                    rounding.matmul(weight, x, 0, 1024, 9, y, 0, 12);
                    rounding.matmul(weight, x, 0, 1024, 83, y, 0, 12);
                    kernels.row(weight, 3, y, 0);
                });
            }
            float[] none = {};
            calls.put("element-wise operations", () -> {
                kernels.rmsNorm(x, 0, none, 1e-5f, y, 0, 1000);
                kernels.layerNorm(x, 0, x, x, 1e-5f, y, 0, 1000);
                kernels.softmax(y, 0, 1000);
                kernels.scale(kernels.dot(x, 0, x, 1, 999), y, 0, 1000);
                kernels.addScaled(0.1f, x, 0, y, 0, 1000);
                kernels.expAndSum(y, 0, 1000, kernels.max(y, 0, 1000));
            });
            for (Activation activation : Activation.values())
                calls.put(activation.toString(), () -> {
                    kernels.activate(activation, x, 0, y, 0, 1000);
                    kernels.gate(activation, x, 0, x, 1000, y, 0, 1000);
                });
            for (KvType type : KvType.values()) {
                MemorySegment page = Samples.nativeSegment(type.bytes(128, 64));
                KvKernel kv = kernels.kv(type);
                // What is written page by page is not written token by token.
                if (!type.appendable()) kv.write(x, 0, 128, 64, page, 0, 0, 128);
                calls.put("attention over " + type, () -> {
                    if (type.appendable()) kv.write(x, 0, 128, 64, page, 0, 0, 128);
                    kv.scores(page, 0, 0, 61, 128, x, 0, 128, 7, 0.1f, y, 0, 64);
                    kv.accumulate(page, 0, 0, 61, 128, x, 0, 64, 7, y, 0, 128);
                });
            }
            List<String> allocating = new ArrayList<>();
            calls.forEach((name, call) -> {
                if (!allocationSettles(call)) allocating.add(name);
            });
            assertThat(allocating).isEmpty();
        }
    }

    /** Whether at last 20 calls in a row allocate nothing in this thread. */
    private static boolean allocationSettles(Runnable call) {
        long thread = Thread.currentThread().threadId();
        long deadline = THREADS.getThreadCpuTime(thread) + 5_000_000_000L;
        while (THREADS.getThreadCpuTime(thread) < deadline) {
            for (int i = 0; i < 100; i++) call.run();
            long before = THREADS.getThreadAllocatedBytes(thread);
            for (int i = 0; i < 20; i++) call.run();
            if (THREADS.getThreadAllocatedBytes(thread) == before) return true;
        }
        return false;
    }
}
