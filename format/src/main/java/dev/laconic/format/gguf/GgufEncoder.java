package dev.laconic.format.gguf;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.LongStream;

/** Encodes metadata values as they lie in a file: the type, then the content. */
final class GgufEncoder {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private GgufEncoder() {}

    /** An integer or float of {@code type}, given by its bits. */
    static MemorySegment scalar(GgufType type, long bits) {
        return new GgufEncoder().type(type).bits(bits, type.leastBytes()).encoded();
    }

    /** An array of integers or floats of {@code type}, given by their bits. */
    static MemorySegment array(GgufType type, LongStream bits) {
        return new GgufEncoder()
                .type(GgufType.ARRAY)
                .arrayContent(type, bits.toArray())
                .encoded();
    }

    /** A value of a {@link dev.laconic.format.Metadata} in the type that GGUF models commonly use for it. */
    static MemorySegment value(Object value) {
        GgufEncoder encoder = new GgufEncoder();
        switch (value) {
            case String text -> encoder.type(GgufType.STRING).string(text);
            case Boolean bool -> encoder.type(GgufType.BOOL).bits(bool ? 1 : 0, 1);
            case Long integer -> {
                GgufType type = scalarType(integer);
                encoder.type(type).bits(integer, type.leastBytes());
            }
            case BigInteger integer -> encoder.type(GgufType.UINT64).bits(integer.longValue(), 8);
            case Double number -> encoder.type(GgufType.FLOAT32).bits(Float.floatToRawIntBits(number.floatValue()), 4);
            default -> encoder.type(GgufType.ARRAY).arrayContent(value);
        }
        return encoder.encoded();
    }

    private static GgufType scalarType(long integer) {
        if (integer >= 0 && integer <= 0xFFFFFFFFL) return GgufType.UINT32;
        return integer == (int) integer ? GgufType.INT32 : GgufType.INT64;
    }

    private GgufEncoder arrayContent(Object array) {
        return switch (array) {
            case long[] integers ->
                arrayContent(
                        LongStream.of(integers).allMatch(each -> each == (int) each) ? GgufType.INT32 : GgufType.INT64,
                        integers);
            case float[] floats -> {
                long[] bits = new long[floats.length];
                for (int i = 0; i < bits.length; i++) bits[i] = Float.floatToRawIntBits(floats[i]);
                yield arrayContent(GgufType.FLOAT32, bits);
            }
            case double[] doubles -> {
                long[] bits = new long[doubles.length];
                for (int i = 0; i < bits.length; i++) bits[i] = Double.doubleToRawLongBits(doubles[i]);
                yield arrayContent(GgufType.FLOAT64, bits);
            }
            case boolean[] bools -> {
                long[] bits = new long[bools.length];
                for (int i = 0; i < bits.length; i++) bits[i] = bools[i] ? 1 : 0;
                yield arrayContent(GgufType.BOOL, bits);
            }
            case List<?> list
            when list.isEmpty() || list.getFirst() instanceof String -> {
                type(GgufType.STRING).bits(list.size(), 8);
                for (Object each : list) string((String) each);
                yield this;
            }
            case List<?> list -> {
                type(GgufType.ARRAY).bits(list.size(), 8);
                for (Object each : list) arrayContent(each);
                yield this;
            }
            default -> throw new IllegalArgumentException("no metadata value is a " + array.getClass());
        };
    }

    private GgufEncoder arrayContent(GgufType type, long[] bits) {
        type(type).bits(bits.length, 8);
        for (long each : bits) bits(each, type.leastBytes());
        return this;
    }

    private GgufEncoder type(GgufType type) {
        return bits(type.code(), 4);
    }

    private GgufEncoder string(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        bits(utf8.length, 8);
        out.writeBytes(utf8);
        return this;
    }

    private GgufEncoder bits(long bits, int bytes) {
        for (int i = 0; i < bytes; i++) out.write((int) (bits >>> (8 * i)));
        return this;
    }

    private MemorySegment encoded() {
        return MemorySegment.ofArray(out.toByteArray());
    }
}
