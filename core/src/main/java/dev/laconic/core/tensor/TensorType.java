package dev.laconic.core.tensor;

import java.util.Optional;

/**
 * How the elements of a tensor are stored. Block types store {@link #blockElements()} consecutive elements of one row
 * in {@link #blockBytes()} bytes; a row is a whole number of blocks. The numbers are those of the GGUF format.
 */
public enum TensorType {
    F32(0, 1, 4),
    F16(1, 1, 2),
    Q4_0(2, 32, 18),
    Q4_1(3, 32, 20),
    Q5_0(6, 32, 22),
    Q5_1(7, 32, 24),
    Q8_0(8, 32, 34),
    Q8_1(9, 32, 36),
    Q2_K(10, 256, 84),
    Q3_K(11, 256, 110),
    Q4_K(12, 256, 144),
    Q5_K(13, 256, 176),
    Q6_K(14, 256, 210),
    Q8_K(15, 256, 292),
    IQ2_XXS(16, 256, 66),
    IQ2_XS(17, 256, 74),
    IQ3_XXS(18, 256, 98),
    IQ1_S(19, 256, 50),
    IQ4_NL(20, 32, 18),
    IQ3_S(21, 256, 110),
    IQ2_S(22, 256, 82),
    IQ4_XS(23, 256, 136),
    I8(24, 1, 1),
    I16(25, 1, 2),
    I32(26, 1, 4),
    I64(27, 1, 8),
    F64(28, 1, 8),
    IQ1_M(29, 256, 56),
    BF16(30, 1, 2),
    TQ1_0(34, 256, 54),
    TQ2_0(35, 256, 66),
    MXFP4(39, 32, 17),
    NVFP4(40, 64, 36),
    Q1_0(41, 128, 18),
    Q2_0(42, 64, 18);

    private static final TensorType[] BY_CODE = new TensorType[64];

    static {
        for (TensorType type : values()) BY_CODE[type.code] = type;
    }

    private final int code;
    private final int blockElements;
    private final int blockBytes;

    TensorType(int code, int blockElements, int blockBytes) {
        this.code = code;
        this.blockElements = blockElements;
        this.blockBytes = blockBytes;
    }

    /** The type's number in a GGUF file. */
    public int code() {
        return code;
    }

    public int blockElements() {
        return blockElements;
    }

    public int blockBytes() {
        return blockBytes;
    }

    /** Whether elements are stored in blocks that share scales. */
    public boolean quantised() {
        return blockElements > 1;
    }

    /** Bits an element takes, scales included. */
    public double bitsPerElement() {
        return 8.0 * blockBytes / blockElements;
    }

    /**
     * Bytes that {@code elements} consecutive elements take.
     *
     * @throws ArithmeticException if the count overflows or is not a whole number of blocks
     */
    public long bytes(long elements) {
        if (elements % blockElements != 0)
            throw new ArithmeticException(
                    elements + " elements are not a whole number of " + name() + " blocks of " + blockElements);
        return Math.multiplyExact(elements / blockElements, (long) blockBytes);
    }

    /** The type with this GGUF number, if there is one. */
    public static Optional<TensorType> byCode(int code) {
        return code >= 0 && code < BY_CODE.length ? Optional.ofNullable(BY_CODE[code]) : Optional.empty();
    }
}
