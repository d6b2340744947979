package dev.laconic.format.tokenizer;

import dev.laconic.core.error.MalformedInputException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** The fields of a protocol-buffer message, one after the other. */
final class ProtobufReader {
    private static final int VARINT = 0;
    private static final int FIXED_64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED_32 = 5;

    private final String source;
    private final ByteBuffer in;
    private int number;
    private int wire;

    ProtobufReader(String source, byte[] bytes) {
        this(source, ByteBuffer.wrap(bytes));
    }

    private ProtobufReader(String source, ByteBuffer in) {
        this.source = source;
        this.in = in.order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Goes on to the next field; says whether there is one. */
    boolean next(String field) {
        if (!in.hasRemaining()) return false;
        long tag = varint(field);
        number = (int) (tag >>> 3);
        wire = (int) tag & 7;
        if (tag >>> 3 == 0 || tag >>> 3 > Integer.MAX_VALUE) throw malformed(field, "the tag " + tag, "a field's number");
        return true;
    }

    int number() {
        return number;
    }

    int int32(String field) {
        expect(VARINT, field, "an integer");
        return (int) varint(field);
    }

    float float32(String field) {
        expect(FIXED_32, field, "a float");
        require(4, field);
        return in.getFloat();
    }

    byte[] bytes(String field) {
        byte[] bytes = new byte[length(field)];
        in.get(bytes);
        return bytes;
    }

    String utf8(String field) {
        ByteBuffer bytes = slice(field);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw malformed(field, "bytes that are no UTF-8", "UTF-8");
        }
    }

    ProtobufReader message(String field) {
        return new ProtobufReader(source, slice(field));
    }

    void skip(String field) {
        switch (wire) {
            case VARINT -> varint(field);
            case FIXED_64 -> advance(8, field);
            case BYTES -> slice(field);
            case FIXED_32 -> advance(4, field);
            default -> throw malformed(field, "wire type " + wire + " of field " + number, "0, 1, 2 or 5");
        }
    }

    private ByteBuffer slice(String field) {
        int length = length(field);
        ByteBuffer slice = in.slice(in.position(), length);
        in.position(in.position() + length);
        return slice;
    }

    private int length(String field) {
        expect(BYTES, field, "a length and bytes");
        long length = varint(field);
        if (length < 0 || length > in.remaining())
            throw malformed(field, "a length of " + Long.toUnsignedString(length), "at most the " + in.remaining() + " bytes left");
        return (int) length;
    }

    private void advance(int bytes, String field) {
        require(bytes, field);
        in.position(in.position() + bytes);
    }

    private void require(int bytes, String field) {
        if (in.remaining() < bytes) throw malformed(field, in.remaining() + " bytes", bytes + " bytes");
    }

    private void expect(int expected, String field, String what) {
        if (wire != expected) throw malformed(field, "wire type " + wire, what + ", wire type " + expected);
    }

    private long varint(String field) {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            require(1, field);
            byte b = in.get();
            value |= (long) (b & 0x7F) << shift;
            if (b >= 0) return value;
        }
        throw malformed(field, "an integer of more than 10 bytes", "at most 10");
    }

    private MalformedInputException malformed(String field, String found, String expected) {
        return new MalformedInputException(source, field, found, expected);
    }
}
