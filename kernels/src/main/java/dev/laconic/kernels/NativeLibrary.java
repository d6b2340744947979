package dev.laconic.kernels;

import dev.laconic.core.error.UsageException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The functions of {@code src/main/native}, which the build compiles where there is a C compiler. Where they cannot be
 * had, {@link #sets} is 0 and {@link #missing} says why. The system property {@code laconic.native} names another
 * library's file, or is {@code off}. Memory goes by address: callers keep it alive.
 */
final class NativeLibrary {
    /** What {@code laconic_version} must return: a library of another build would take other arguments. */
    private static final int VERSION = 6;

    /** Stands for no library where none is wanted. */
    static final NativeLibrary NONE = new NativeLibrary("not wanted");

    /** Libraries by the system property that names them. */
    private static final Map<String, NativeLibrary> NAMED = new ConcurrentHashMap<>();

    private final int sets;
    private final String missing;
    private final SymbolLookup symbols;
    private final long panelBytes;
    private final long pack;
    private final long round;
    private final long product;
    private final long attend;
    private final long gate;
    private final long top;
    private final long vote;

    private NativeLibrary(String missing) {
        this.missing = missing;
        sets = 0;
        symbols = name -> Optional.empty();
        panelBytes = pack = round = product = attend = gate = top = vote = 0;
    }

    private NativeLibrary(SymbolLookup symbols) {
        this.symbols = symbols;
        sets = (int) call(symbol("laconic_sets"), 0, 0);
        missing = sets > 0 ? "" : "this processor has none of the instructions that they need";
        panelBytes = symbol("laconic_panel_bytes");
        pack = symbol("laconic_pack");
        round = symbol("laconic_round");
        product = symbol("laconic_product");
        attend = symbol("laconic_attend");
        gate = symbol("laconic_gate");
        top = symbol("laconic_top");
        vote = symbol("laconic_vote");
    }

    /** The library that the system property asks for, loaded once. */
    static NativeLibrary find() {
        String setting = System.getProperty("laconic.native", "");
        return setting.isEmpty() ? Bundled.LIBRARY : NAMED.computeIfAbsent(setting, NativeLibrary::of);
    }

    private static NativeLibrary of(String setting) {
        if (setting.equals("off")) return new NativeLibrary("switched off");
        return load(Path.of(setting).toAbsolutePath());
    }

    private static NativeLibrary load(Path file) {
        try {
            SymbolLookup symbols = SymbolLookup.libraryLookup(file, Arena.global());
            System.load(file.toString());
            int found = (int) call(symbols.findOrThrow("laconic_version").address(), 0, 0);
            if (found != VERSION)
                return new NativeLibrary("the library is version " + found + ", expected " + VERSION);
            return new NativeLibrary(symbols);
        } catch (IllegalArgumentException
                | NoSuchElementException
                | IllegalCallerException
                | UnsatisfiedLinkError e) {
            return new NativeLibrary("the library cannot be loaded: " + e.getMessage());
        }
    }

    private static final class Bundled {
        static final NativeLibrary LIBRARY = bundled();

        private static NativeLibrary bundled() {
            String platform = System.getProperty("os.name") + "-" + System.getProperty("os.arch");
            try (InputStream in = NativeLibrary.class.getResourceAsStream("native/" + platform + "/kernels")) {
                if (in == null) return new NativeLibrary("the program was built without a C compiler for " + platform);
                String name = "laconic-kernels-" + ProcessHandle.current().pid() + "-" + System.nanoTime() + ".lib";
                Path copy = Path.of(System.getProperty("java.io.tmpdir"), name);
                try {
                    Files.copy(in, copy); // refuses a file that is there
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
        long name = call(symbol("laconic_set_name"), set, 0);
        return MemorySegment.ofAddress(name).reinterpret(32).getString(0);
    }

    /** Memory on large pages where there are such, freed once it is unreachable. */
    MemorySegment allocate(long bytes) {
        long address = call(symbol("laconic_allocate"), bytes, 0);
        if (address == 0) throw new OutOfMemoryError("no memory for " + bytes + " bytes");
        long free = symbol("laconic_free");
        return MemorySegment.ofAddress(address).reinterpret(bytes, Arena.ofAuto(), memory -> call(free, memory.address(), 0));
    }

    /** Bytes of a packed panel of 16 rows; 0 if the library does not know the type. */
    long panelBytes(int type, int columns) {
        return call(panelBytes, type, columns);
    }

    void pack(int type, long matrix, int rows, int columns, int from, int to, long packed) {
        call(pack, type, matrix, rows, columns, from, to, packed, 0, 0);
    }

    void round(int set, int type, long x, int columns, int token, int tokens, long quants, long scales, long starts) {
        call(round, set, type, x, columns, token, tokens, quants, scales, starts);
    }

    void product(
            int set, int type, long packed, int rows, int columns, int from, int to,
            long quants, long scales, long starts, int token, int tokens, long y, long stride) {
        call(
                product, set, type, packed, rows, columns, from, to, quants, scales, starts, token, tokens, y, stride);
    }

    /** Attention as an {@link AttentionCall} has it in native memory. */
    void attend(int set, long arguments) {
        call(attend, set, arguments);
    }

    void top(int set, long scores, int n, int count, long kept, long scratch) {
        call(top, set, scores, n, count, kept, scratch, 0, 0, 0);
    }

    void vote(int set, long scores, long stride, int queries, int n, long votes) {
        call(vote, set, scores, stride, queries, n, votes, 0, 0, 0);
    }

    void gate(int set, int kind, long x, long up, int n) {
        call(gate, set, kind, x, up, n, 0, 0, 0, 0);
    }

    /** Runs independent dot products and returns how many operations those were. */
    long spin(int set, long rounds) {
        return call(symbol("laconic_spin"), set, rounds);
    }

    /** Reads memory once; the result says nothing. */
    long read(long address, long bytes) {
        return call(symbol("laconic_read"), address, bytes);
    }

    private long symbol(String name) {
        return symbols.findOrThrow(name).address();
    }

    private static long call(long function, long a, long b) {
        return call(function, a, b, 0, 0, 0, 0, 0, 0, 0);
    }

    private static long call(
            long function, long a, long b, long c, long d, long e, long f, long g, long h, long i) {
        return call(function, a, b, c, d, e, f, g, h, i, 0, 0, 0, 0, 0);
    }

    /**
     * Calls the function at an address. All are called in this one way, by JNI: what makes calls for
     * {@link java.lang.foreign.Linker} takes some 50 milliseconds to start.
     */
    private static native long call(
            long function, long a, long b, long c, long d, long e, long f, long g, long h, long i,
            long j, long k, long l, long m, long n);
}
