package dev.laconic.kernels;

import dev.laconic.core.error.UsageException;
import dev.laconic.core.tensor.Tensor;
import java.io.FileDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The functions of {@code src/main/native}, which the build compiles where there is a C compiler. Where they cannot be
 * had, {@link #sets} is 0 and {@link #missing} says why. The system property {@code laconic.native} names another
 * library's file, or is {@code off}. Memory goes by address: callers keep it alive.
 */
final class NativeLibrary {
    /** What {@code laconic_version} must return: a library of another build would take other arguments. */
    private static final int VERSION = 11;

    /** Stands for no file's number. */
    static final int NO_FILE = -1;

    /** Stands for no library where none is wanted. */
    static final NativeLibrary NONE = new NativeLibrary("not wanted");

    /** Libraries by the system property that names them. */
    private static final Map<String, NativeLibrary> NAMED = new ConcurrentHashMap<>();

    private final int sets;
    private final String missing;
    private final long panelBytes;
    private final long pack;
    private final long round;
    private final long product;
    private final long attend;
    private final long spread;
    private final long gate;
    private final long norm;
    private final long add;
    private final long scale;
    private final long turn;
    private final long shorten;
    private final long readShort;
    private final long top;
    private final long vote;
    private final long encode;
    private final long setName;
    private final long allocate;
    private final long free;
    private final long spin;
    private final long read;

    private NativeLibrary(String missing) {
        this.missing = missing;
        sets = 0;
        panelBytes = pack = round = product = attend = spread = gate = norm = add = scale = turn = shorten = readShort = 0;
        top = vote = encode = setName = allocate = free = spin = read = 0;
    }

    /** @param file the path as the system spells it; it may be gone afterwards */
    private NativeLibrary(byte[] file) {
        sets = (int) call(address(file, "laconic_sets"), 0, 0);
        missing = sets > 0 ? "" : "this processor has none of the instructions that they need";
        panelBytes = address(file, "laconic_panel_bytes");
        pack = address(file, "laconic_pack");
        round = address(file, "laconic_round");
        product = address(file, "laconic_product");
        attend = address(file, "laconic_attend");
        spread = address(file, "laconic_spread");
        gate = address(file, "laconic_gate");
        norm = address(file, "laconic_norm");
        add = address(file, "laconic_add");
        scale = address(file, "laconic_scale");
        turn = address(file, "laconic_turn");
        shorten = address(file, "laconic_shorten");
        readShort = address(file, "laconic_read_short");
        top = address(file, "laconic_top");
        vote = address(file, "laconic_vote");
        encode = address(file, "laconic_encode");
        setName = address(file, "laconic_set_name");
        allocate = address(file, "laconic_allocate");
        free = address(file, "laconic_free");
        spin = address(file, "laconic_spin");
        read = address(file, "laconic_read");
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
            System.load(file.toString());
        } catch (IllegalCallerException | UnsatisfiedLinkError e) {
            return new NativeLibrary("the library cannot be loaded: " + e.getMessage());
        }
        try {
            byte[] path = bytes(file.toString());
            int found = (int) call(address(path, "laconic_version"), 0, 0);
            if (found != VERSION)
                return new NativeLibrary("the library is version " + found + ", expected " + VERSION);
            return new NativeLibrary(path);
        } catch (UnsatisfiedLinkError e) {
            return new NativeLibrary("the library is another one, or of another version than " + VERSION + ": " + file);
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

    /** The name of an instruction set: avx2, avx512, avx512bf16, neon. */
    String name(int set) {
        return text(call(setName, set, 0));
    }

    /**
     * Memory on large pages where there are such, freed once it is unreachable. It holds anything: to clear as much as a prompt
     * needs takes Java long until that is compiled.
     */
    MemorySegment allocate(long bytes) {
        long address = call(allocate, bytes, 0);
        if (address == 0) throw new OutOfMemoryError("no memory for " + bytes + " bytes");
        return MemorySegment.ofAddress(address).reinterpret(bytes, Arena.ofAuto(), memory -> call(free, memory.address(), 0));
    }

    /** Memory of at least so many bytes that begins with what the old one holds, and room to grow. */
    MemorySegment grown(MemorySegment old, long bytes) {
        return old.byteSize() >= bytes ? old : allocate(bytes + bytes / 4).copyFrom(old);
    }

    /** Bytes of a packed panel of 16 rows; 0 if the library does not know the type. */
    long panelBytes(int type, int columns) {
        return call(panelBytes, type, columns);
    }

    /** Packs panels of a matrix that lies at an address, and in a file from {@code offset} on unless that is {@link #NO_FILE}. */
    void pack(int type, long matrix, int file, long offset, int rows, int columns, int from, int to, long packed) {
        call(pack, type, matrix, file, offset, rows, columns, from, to, packed);
    }

    /** The system's number of the file that a tensor's bytes are mapped from, or {@link #NO_FILE}. */
    static int file(Tensor tensor) {
        return tensor.file().map(mapping -> number(mapping.file())).orElse(NO_FILE);
    }

    /** Where in its file a tensor begins. */
    static long offset(Tensor tensor) {
        return tensor.file().map(mapping -> mapping.offset(tensor.data())).orElse(0L);
    }

    /** Rounds tokens {@code from} to {@code to}, {@code stride} apart, of which the first begins at {@code x[offset]}. */
    void round(
            int set, int type, float[] x, int offset, int stride, int columns, int from, int to, int tokens,
            long quants, long scales, long starts) {
        call(round, x, offset, null, 0, null, 0, set, type, columns, from, to, stride, tokens, quants, scales, starts);
    }

    /** Copies rows that lie beside each other to places {@code stride} apart, of which the first begins at {@code y[offset]}. */
    void spread(long x, int rows, int width, float[] y, int offset, int stride) {
        call(spread, y, offset, null, 0, null, 0, x, rows, width, stride, 0, 0, 0, 0, 0, 0);
    }

    /** @param order of a single token's panels, see {@link PanelOrder} */
    void product(
            int set, int type, int order, long packed, int rows, int columns, int from, int to,
            long quants, long scales, long starts, int token, int tokens, long y, long stride) {
        call(
                product, set, type | order << 8, packed, rows, columns, from, to, quants, scales, starts, token, tokens, y, stride);
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

    /** Writes vectors in few bits; no factors are at 0, and no turn has the norm 0. */
    void encode(int set, long type, long x, int n, int dimension, float norm, long factors, long to, long room) {
        call(encode, set, type, x, n, dimension, Float.floatToRawIntBits(norm), factors, to, room);
    }

    void gate(
            int set, int kind, float[] x, int xOffset, float[] up, int upOffset, float[] y, int yOffset, int n) {
        call(gate, y, yOffset, x, xOffset, up, upOffset, set, kind, n, 0, 0, 0, 0, 0, 0, 0);
    }

    void norm(int set, float[] x, int xOffset, float[] weight, float epsilon, float[] y, int yOffset, int n) {
        float[] weights = weight.length > 0 ? weight : null;
        call(norm, y, yOffset, x, xOffset, weights, 0, set, Float.floatToRawIntBits(epsilon), n, 0, 0, 0, 0, 0, 0, 0);
    }

    void add(int set, float factor, float[] x, int xOffset, float[] y, int yOffset, int n) {
        call(add, y, yOffset, x, xOffset, null, 0, set, Float.floatToRawIntBits(factor), n, 0, 0, 0, 0, 0, 0, 0);
    }

    void scale(int set, float factor, float[] y, int offset, int n) {
        call(scale, y, offset, null, 0, null, 0, set, Float.floatToRawIntBits(factor), n, 0, 0, 0, 0, 0, 0, 0);
    }

    /** Turns vectors {@code stride} apart by the angles from {@code cos[angles]} and {@code sin[angles]} on. */
    void turn(
            int set, float[] x, int offset, int vectors, int stride, float[] cos, float[] sin, int angles, int pairs,
            boolean interleaved) {
        call(turn, x, offset, cos, angles, sin, angles, set, vectors, stride, pairs, interleaved ? 1 : 0, 0, 0, 0, 0, 0);
    }

    /** Writes vectors {@code stride} apart, of which the first begins at {@code x[offset]}, as f16 or bf16 to an address. */
    void shorten(int set, boolean brains, float[] x, int offset, int stride, int n, int dimension, long to) {
        call(shorten, x, offset, null, 0, null, 0, set, brains ? 1 : 0, n, stride, dimension, to, 0, 0, 0, 0);
    }

    /** Reads vectors in f16 or bf16 from an address to places {@code stride} apart, of which the first begins at {@code y[offset]}. */
    void readShort(int set, boolean brains, long from, int n, int dimension, float[] y, int offset, int stride) {
        call(readShort, y, offset, null, 0, null, 0, set, brains ? 1 : 0, n, stride, dimension, from, 0, 0, 0, 0);
    }

    /** Runs independent dot products and returns how many operations those were. */
    long spin(int set, long rounds) {
        return call(spin, set, rounds);
    }

    /** Reads memory once; the result says nothing. */
    long read(long address, long bytes) {
        return call(read, address, bytes);
    }

    /** @throws UnsatisfiedLinkError if the library has no such function */
    private static long address(byte[] file, String name) {
        long address = symbol(file, bytes(name));
        if (address == 0) throw new UnsatisfiedLinkError("it has no " + name);
        return address;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8")));
    }

    private static long call(long function, long a, long b) {
        return call(function, a, b, 0, 0, 0, 0, 0, 0, 0);
    }

    private static long call(
            long function, long a, long b, long c, long d, long e, long f, long g, long h, long i) {
        return call(function, a, b, c, d, e, f, g, h, i, 0, 0, 0, 0, 0);
    }

    /**
     * Calls the function at an address. All are found and called by JNI: what makes calls for {@link java.lang.foreign.Linker}
     * takes some 50 milliseconds to start, and what finds functions for it some more.
     */
    private static native long call(
            long function, long a, long b, long c, long d, long e, long f, long g, long h, long i,
            long j, long k, long l, long m, long n);

    private static native int number(FileDescriptor file);

    /** The address of a loaded library's function, or 0. */
    private static native long symbol(byte[] file, byte[] name);

    /** Characters at an address. */
    private static native String text(long address);

    private static void call(
            long function, float[] a, int aOffset, float[] b, int bOffset, float[] c, int cOffset,
            long d, long e, long f, long g, long h, long i, long j, long k, long l, long m) {
        if (callPinned(function, a, aOffset, b, bOffset, c, cOffset, d, e, f, g, h, i, j, k, l, m) != 0)
            throw new OutOfMemoryError("native code cannot have Java's arrays");
    }

    /**
     * Calls a function, which writes to the first alone, with places in up to three arrays and ten numbers; not 0 if that was
     * not possible. Nothing is copied, but garbage collectors may have to wait until it returns, so that it is to be short.
     */
    private static native long callPinned(
            long function, float[] a, int aOffset, float[] b, int bOffset, float[] c, int cOffset,
            long d, long e, long f, long g, long h, long i, long j, long k, long l, long m);
}
