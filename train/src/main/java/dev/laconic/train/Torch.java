package dev.laconic.train;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import dev.laconic.core.error.LaconicException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * PyTorch, as training uses it: one thread per operation (work is spread over sequences instead, which gives the same
 * numbers whatever the number of threads), scripts run as written, freed memory kept by the process.
 */
final class Torch {
    private static final int M_TRIM_THRESHOLD = -1;
    private static final int M_TOP_PAD = -2;
    private static final int M_MMAP_MAX = -4;
    private static final MethodHandle OPTIMIZE = start();

    private Torch() {}

    static NDManager newManager() {
        return NDManager.newBaseManager(null, "PyTorch");
    }

    /** Compiles TorchScript source: a class {@code M} whose method {@code forward} takes and returns tensors. */
    static Script compile(String source) {
        Model model = Model.newInstance("script", "PyTorch");
        try {
            model.load(new ByteArrayInputStream(ScriptArchive.of(source)));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot load a script", e);
        } catch (MalformedModelException e) {
            throw new LaconicException("PyTorch does not take the script:\n" + source, e);
        }
        return new Script(model);
    }

    /** Prepares the calling thread; gradients are recorded in it from now on if asked for. */
    static void prepareThread(boolean gradients) {
        try {
            OPTIMIZE.invokeExact(false);
        } catch (Throwable e) {
            throw new LaconicException("PyTorch's graph executor cannot be set", e);
        }
        JniUtils.setGradMode(gradients);
    }

    private static MethodHandle start() {
        System.setProperty("ai.djl.pytorch.num_threads", "1");
        System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
        Linker linker = Linker.nativeLinker();
        linker.defaultLookup().find("mallopt").ifPresent(address -> {
            MethodHandle mallopt = linker.downcallHandle(
                    address,
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
            try {
                int done = (int) mallopt.invokeExact(M_MMAP_MAX, 0);
                done += (int) mallopt.invokeExact(M_TRIM_THRESHOLD, Integer.MAX_VALUE);
                done += (int) mallopt.invokeExact(M_TOP_PAD, 1 << 26);
                if (done != 3) throw new LaconicException("the C library refuses the allocator's settings");
            } catch (RuntimeException e) {
                throw e;
            } catch (Throwable e) {
                throw new LaconicException("the C library's allocator cannot be set", e);
            }
        });
        Engine.getEngine("PyTorch");
        return linker.downcallHandle(
                SymbolLookup.libraryLookup(library(), Arena.global())
                        .findOrThrow("_ZN5torch3jit24setGraphExecutorOptimizeEb"),
                FunctionDescriptor.ofVoid(ValueLayout.JAVA_BOOLEAN));
    }

    private static Path library() {
        try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
            return maps.filter(line -> line.endsWith("/libtorch_cpu.so"))
                    .map(line -> Path.of(line.substring(line.indexOf('/'))))
                    .findFirst()
                    .orElseThrow(() -> new LaconicException("libtorch_cpu.so is not loaded"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
