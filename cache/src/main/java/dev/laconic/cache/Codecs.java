package dev.laconic.cache;

import dev.laconic.kernels.KvType;

/** The storage types of so many bits. */
final class Codecs {
    private Codecs() {}

    static KvType token(int bits) {
        return of("TOKEN_", bits);
    }

    static KvType channel(int bits) {
        return of("CHANNEL_", bits);
    }

    static KvType longChannel(int bits) {
        return of("LONG_CHANNEL_", bits);
    }

    static KvType separable(int bits) {
        return of("SEPARABLE_", bits);
    }

    static KvType vector(int bits) {
        return of("VECTOR_", bits);
    }

    static KvType rotated(int bits) {
        return of("ROTATED_", bits);
    }

    private static KvType of(String name, int bits) {
        return bits == 16 ? KvType.F16 : KvType.valueOf(name + bits);
    }

    /** Packed bits, or 16 for f16. */
    static void requireBitsOr16(String option, int bits) {
        if (bits != 16 && bits != 2 && bits != 4 && bits != 8)
            throw new IllegalArgumentException(option + ": found " + bits + ", expected 2, 4, 8 or 16");
    }

    static void requireBits(String option, int bits) {
        if (bits != 2 && bits != 4 && bits != 8)
            throw new IllegalArgumentException(option + ": found " + bits + ", expected 2, 4 or 8");
    }
}
