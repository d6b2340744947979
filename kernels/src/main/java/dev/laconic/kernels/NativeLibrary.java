package dev.laconic.kernels;

import dev.laconic.core.error.UsageException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * The functions of {@code src/main/native}, which the build compiles where there is a C compiler. Where they cannot be
 * had, {@link #sets} is 0 and {@link #missing} says why. The system property {@code laconic.native} names another
 * library's file, or is {@code off}. Memory goes by address: callers keep it alive.
 */
final class NativeLibrary {
    /** What {@code laconic_version} must return: a library of another build would take other arguments. */
    private static final int VERSION = 4;

    /** Stands for no library where none is wanted. */
    static final NativeLibrary NONE = new NativeLibrary("not wanted");

    private final int sets;
    private final String missing;
    private final SymbolLookup symbols;
    private final MemorySegment panelBytes;
    private final MemorySegment pack;
    private final MemorySegment round;
    private final MemorySegment product;
    private final MemorySegment attend;
    private final MemorySegment gate;

    private NativeLibrary(String missing) {
        this.missing = missing;
        sets = 0;
        symbols = name -> Optional.empty();
        panelBytes = pack = round = product = attend = gate = MemorySegment.NULL;
    }

    private NativeLibrary(SymbolLookup symbols) {
        this.symbols = symbols;
        sets = (int) call(() -> (int) Calls.NUMBER.invokeExact(symbol("laconic_sets")));
        missing = sets > 0 ? "" : "this processor has none of the instructions that they need";
        panelBytes = symbol("laconic_panel_bytes");
        pack = symbol("laconic_pack");
        round = symbol("laconic_round");
        product = symbol("laconic_product");
        attend = symbol("laconic_attend");
        gate = symbol("laconic_gate");
    }

    /** The library that the system property asks for, loaded once if it is the one in the program. */
    static NativeLibrary find() {
        String setting = System.getProperty("laconic.native", "");
        return setting.isEmpty() ? Bundled.LIBRARY : of(setting);
    }

    private static NativeLibrary of(String setting) {
        if (setting.equals("off")) return new NativeLibrary("switched off");
        return load(Path.of(setting).toAbsolutePath());
    }

    private static NativeLibrary load(Path file) {
        try {
            SymbolLookup symbols = SymbolLookup.libraryLookup(file, Arena.global());
            MemorySegment version = symbols.findOrThrow("laconic_version");
            int found = (int) call(() -> (int) Calls.NUMBER.invokeExact(version));
            if (found != VERSION)
                return new NativeLibrary("the library is version " + found + ", expected " + VERSION);
            return new NativeLibrary(symbols);
        } catch (IllegalArgumentException
                | NoSuchElementException
                | IllegalCallerException
                | UnsupportedOperationException e) {
            return new NativeLibrary("the library cannot be loaded: " + e.getMessage());
        }
    }

    private static final class Bundled {
        static final NativeLibrary LIBRARY = bundled();

        private static NativeLibrary bundled() {
            String platform = System.getProperty("os.name") + "-" + System.getProperty("os.arch");
            try (InputStream in = NativeLibrary.class.getResourceAsStream("native/" + platform + "/kernels")) {
                if (in == null) return new NativeLibrary("the program was built without a C compiler for " + platform);
                Path copy = Files.createTempFile("laconic-kernels", ".lib");
                try {
                    Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
                    return load(copy);
                } finally {
                    copy.toFile().deleteOnExit(); // where files in use cannot be deleted at once
                    Files.deleteIfExists(copy);
                }
            } catch (IOException e) {
                return new NativeLibrary("the library cannot be copied to a file: " + e);
            }
        }
    }

    /** How many instruction sets this processor has of those that the library knows, weakest first. */
    int sets() {
        return sets;
    }

    /** The strongest set, or the one that the system property {@code laconic.native.set} names. */
    int set() {
        String wanted = System.getProperty("laconic.native.set", name(sets - 1));
        for (int set = 0; set < sets; set++) if (name(set).equals(wanted)) return set;
        throw new UsageException("laconic.native.set: this processor has no '" + wanted + "'");
    }

    /** Why there are no sets. */
    String missing() {
        return missing;
    }

    /** The name of an instruction set: avx2, avx512, neon. */
    String name(int set) {
        MemorySegment name =
                (MemorySegment) call(() -> (MemorySegment) Calls.NAME.invokeExact(symbol("laconic_set_name"), set));
        return name.reinterpret(32).getString(0);
    }

    /** Memory on large pages where there are such, freed once it is unreachable. */
    MemorySegment allocate(long bytes) {
        MemorySegment allocate = symbol("laconic_allocate");
        MemorySegment free = symbol("laconic_free");
        long address = (long) call(() -> (long) Calls.ALLOCATE.invokeExact(allocate, bytes));
        if (address == 0) throw new OutOfMemoryError("no memory for " + bytes + " bytes");
        return MemorySegment.ofAddress(address).reinterpret(bytes, Arena.ofAuto(), segment -> free(free, address));
    }

    private static void free(MemorySegment free, long address) {
        try {
            Calls.FREE.invokeExact(free, address);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** Bytes of a packed panel of 16 rows; 0 if the library does not know the type. */
    long panelBytes(int type, int columns) {
        try {
            return (long) Calls.PANEL_BYTES.invokeExact(panelBytes, type, columns);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    void pack(int type, long matrix, int rows, int columns, int from, int to, long packed) {
        try {
            Calls.PACK.invokeExact(pack, type, matrix, rows, columns, from, to, packed);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    void round(int set, int type, long x, int columns, int token, int tokens, long quants, long scales, long starts) {
        try {
            Calls.ROUND.invokeExact(round, set, type, x, columns, token, tokens, quants, scales, starts);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    void product(
            int set, int type, long packed, int rows, int columns, int from, int to,
            long quants, long scales, long starts, int token, int tokens, long y, long stride) {
        try {
            Calls.PRODUCT.invokeExact(
                    product, set, type, packed, rows, columns, from, to, quants, scales, starts, token, tokens, y,
                    stride);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    void attend(
            int set, int keys, int values, int keyDimension, int valueDimension, long valueBase, long runs, int count,
            long addends, long positions, long first, long last, long queries, int n, float scale,
            long maxima, long sums, long out) {
        try {
            Calls.ATTEND.invokeExact(
                    attend, set, keys, values, keyDimension, valueDimension, valueBase, runs, count, addends, positions,
                    first, last, queries, n, scale, maxima, sums, out);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    void gate(int set, int kind, long x, long up, int n) {
        try {
            Calls.GATE.invokeExact(gate, set, kind, x, up, n);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** Runs independent dot products and returns how many operations those were. */
    long spin(int set, long rounds) {
        return (long) call(() -> (long) Calls.SPIN.invokeExact(symbol("laconic_spin"), set, rounds));
    }

    /** Reads memory once; the result says nothing. */
    long read(long address, long bytes) {
        return (long) call(() -> (long) Calls.READ.invokeExact(symbol("laconic_read"), address, bytes));
    }

    private MemorySegment symbol(String name) {
        return symbols.findOrThrow(name);
    }

    /** How the functions are called: made once a library has been loaded, where Java may call any at all. */
    private static final class Calls {
        private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
        private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
        static final MethodHandle NUMBER = handle(INT);
        static final MethodHandle NAME = handle(ValueLayout.ADDRESS, INT);
        static final MethodHandle ALLOCATE = handle(LONG, LONG);
        static final MethodHandle PANEL_BYTES = handle(LONG, INT, INT);
        static final MethodHandle SPIN = handle(LONG, INT, LONG);
        static final MethodHandle READ = handle(LONG, LONG, LONG);
        static final MethodHandle FREE = Linker.nativeLinker().downcallHandle(FunctionDescriptor.ofVoid(LONG));
        static final MethodHandle PACK =
                Linker.nativeLinker().downcallHandle(FunctionDescriptor.ofVoid(INT, LONG, INT, INT, INT, INT, LONG));
        static final MethodHandle ROUND = Linker.nativeLinker()
                .downcallHandle(FunctionDescriptor.ofVoid(INT, INT, LONG, INT, INT, INT, LONG, LONG, LONG));
        static final MethodHandle PRODUCT = Linker.nativeLinker()
                .downcallHandle(FunctionDescriptor.ofVoid(
                        INT, INT, LONG, INT, INT, INT, INT, LONG, LONG, LONG, INT, INT, LONG, LONG));

        static final MethodHandle ATTEND = Linker.nativeLinker()
                .downcallHandle(FunctionDescriptor.ofVoid(
                        INT, INT, INT, INT, INT, LONG, LONG, INT, LONG, LONG, LONG, LONG, LONG, INT,
                        ValueLayout.JAVA_FLOAT, LONG, LONG, LONG));

        static final MethodHandle GATE =
                Linker.nativeLinker().downcallHandle(FunctionDescriptor.ofVoid(INT, INT, LONG, LONG, INT));

        private static MethodHandle handle(MemoryLayout result, MemoryLayout... arguments) {
            return Linker.nativeLinker().downcallHandle(FunctionDescriptor.of(result, arguments));
        }
    }

    private interface Call {
        Object run() throws Throwable;
    }

    private static Object call(Call call) {
        try {
            return call.run();
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    private static AssertionError unexpected(Throwable e) {
        return new AssertionError(e);
    }
}
