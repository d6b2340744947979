package dev.laconic.format.safetensors;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.tensor.FileMapping;
import dev.laconic.format.io.ByteReader;
import dev.laconic.format.io.Json;
import dev.laconic.format.io.Quoted;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/** Reads one safetensors file: the length of the header, the header in JSON, the tensors' bytes without gaps. */
final class SafetensorsReader {
    static final String METADATA = "__metadata__";

    private static final long MAX_HEADER_BYTES = 100_000_000;
    private static final int MAX_DIMENSIONS = 64;
    private static final int MAX_TENSORS = 1 << 18;

    private final String source;
    private final SequencedMap<String, String> metadata = new LinkedHashMap<>();
    private final List<Range> ranges = new ArrayList<>();

    private SafetensorsReader(String source) {
        this.source = source;
    }

    /** A tensor of any dtype: {@code shape} is outermost first, {@code data} the bytes it covers. */
    record Entry(String name, Dtype dtype, long[] shape, MemorySegment data, Optional<FileMapping> file) {}

    record Contents(SequencedMap<String, String> metadata, SequencedMap<String, Entry> entries) {}

    private record Range(String name, Dtype dtype, long[] shape, long begin, long end) {}

    static Contents read(String source, MemorySegment file) {
        return new SafetensorsReader(source).read(new ByteReader(source, file), Optional.empty());
    }

    static Contents read(String source, FileMapping file) {
        return new SafetensorsReader(source).read(new ByteReader(source, file.bytes()), Optional.of(file));
    }

    private Contents read(ByteReader in, Optional<FileMapping> file) {
        long length = in.count(1, "header length");
        if (length > MAX_HEADER_BYTES) throw malformed("header length", length, "at most " + MAX_HEADER_BYTES);
        byte[] header = in.take(length, "header").toArray(ValueLayout.JAVA_BYTE);
        try (JsonParser json = Json.strict().createParser(ObjectReadContext.empty(), header)) {
            readHeader(json);
        } catch (JacksonException e) {
            throw Json.malformed(source, "header", e);
        }
        MemorySegment data = in.take(in.remaining(), "data");
        checkGapless(data.byteSize());
        SequencedMap<String, Entry> entries = new LinkedHashMap<>();
        for (Range range : ranges) {
            MemorySegment bytes = data.asSlice(range.begin, range.end - range.begin);
            entries.put(range.name, new Entry(range.name, range.dtype, range.shape, bytes, file));
        }
        return new Contents(metadata, entries);
    }

    private void readHeader(JsonParser json) {
        require(json.nextToken(), JsonToken.START_OBJECT, "header");
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = json.currentName();
            if (name.equals(METADATA)) readMetadata(json);
            else ranges.add(readRange(json, name));
            if (ranges.size() > MAX_TENSORS)
                throw malformed("header", "more than " + MAX_TENSORS + " tensors", "at most " + MAX_TENSORS);
        }
        if (json.nextToken() != null)
            throw malformed("header", "more after the end of the JSON object", "spaces at most");
    }

    private void readMetadata(JsonParser json) {
        require(json.nextToken(), JsonToken.START_OBJECT, METADATA);
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String key = json.currentName();
            require(json.nextToken(), JsonToken.VALUE_STRING, METADATA + " " + Quoted.of(key));
            metadata.put(key, json.getString());
        }
    }

    private Range readRange(JsonParser json, String name) {
        String field = "tensor " + Quoted.of(name);
        require(json.nextToken(), JsonToken.START_OBJECT, field);
        Dtype dtype = null;
        long[] shape = null;
        long[] offsets = null;
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            switch (json.currentName()) {
                case "dtype" -> dtype = readDtype(json, field + " dtype");
                case "shape" -> shape = readIntegers(json, field + " shape");
                case "data_offsets" -> offsets = readIntegers(json, field + " data_offsets");
                default -> {
                    json.nextToken();
                    json.skipChildren();
                }
            }
        }
        if (dtype == null) throw malformed(field + " dtype", "nothing", "one of " + Arrays.toString(Dtype.values()));
        if (shape == null) throw malformed(field + " shape", "nothing", "an array of sizes");
        if (offsets == null || offsets.length != 2 || offsets[0] > offsets[1])
            throw malformed(field + " data_offsets", Arrays.toString(offsets), "[begin, end] with begin <= end");
        long bytes = bytes(field, dtype, shape);
        if (offsets[1] - offsets[0] != bytes)
            throw malformed(
                    field + " data_offsets",
                    "a range of " + (offsets[1] - offsets[0]) + " bytes",
                    bytes + " for " + dtype + " " + Arrays.toString(shape));
        return new Range(name, dtype, shape, offsets[0], offsets[1]);
    }

    private Dtype readDtype(JsonParser json, String field) {
        require(json.nextToken(), JsonToken.VALUE_STRING, field);
        return Dtype.byName(json.getString())
                .orElseThrow(() ->
                        malformed(field, Quoted.of(json.getString()), "one of " + Arrays.toString(Dtype.values())));
    }

    private long[] readIntegers(JsonParser json, String field) {
        require(json.nextToken(), JsonToken.START_ARRAY, field);
        long[] integers = new long[MAX_DIMENSIONS];
        int count = 0;
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (count == MAX_DIMENSIONS)
                throw malformed(field, "more than " + MAX_DIMENSIONS + " numbers", "at most " + MAX_DIMENSIONS);
            require(json.currentToken(), JsonToken.VALUE_NUMBER_INT, field);
            boolean fits = json.getNumberType() == JsonParser.NumberType.INT
                    || json.getNumberType() == JsonParser.NumberType.LONG;
            if (!fits || json.getLongValue() < 0)
                throw malformed(field, json.getNumberValue(), "integers from 0 to " + Long.MAX_VALUE);
            integers[count++] = json.getLongValue();
        }
        return Arrays.copyOf(integers, count);
    }

    private long bytes(String field, Dtype dtype, long[] shape) {
        try {
            long bits = dtype.bits();
            for (long size : shape) bits = Math.multiplyExact(bits, size);
            if (bits % 8 != 0) throw malformed(field + " shape", bits + " bits", "a whole number of bytes");
            return bits / 8;
        } catch (ArithmeticException e) {
            throw malformed(field + " shape", Arrays.toString(shape), "less than 2^60 bytes");
        }
    }

    private void checkGapless(long available) {
        List<Range> byOffset = ranges.stream()
                .sorted(Comparator.comparingLong(Range::begin).thenComparingLong(Range::end))
                .toList();
        long end = 0;
        for (Range range : byOffset) {
            String field = "tensor " + Quoted.of(range.name) + " data_offsets";
            if (range.begin != end)
                throw malformed(field, "begin " + range.begin, end + ", where the tensor before it ends");
            if (range.end > available)
                throw malformed(field, "end " + range.end, "at most " + available + ", the bytes after the header");
            end = range.end;
        }
        if (end != available) throw malformed("data", available + " bytes after the header", end + " that tensors use");
    }

    private void require(JsonToken found, JsonToken expected, String field) {
        if (found != expected) throw malformed(field, name(found), name(expected));
    }

    private static String name(JsonToken token) {
        return switch (token) {
            case null -> "the end";
            case START_OBJECT -> "an object";
            case START_ARRAY -> "an array";
            case VALUE_STRING -> "a string";
            case VALUE_NUMBER_INT -> "an integer";
            case VALUE_NUMBER_FLOAT -> "a number with a fraction";
            case VALUE_TRUE, VALUE_FALSE -> "a boolean";
            case VALUE_NULL -> "null";
            default -> token.name();
        };
    }

    private MalformedInputException malformed(String field, Object found, String expected) {
        return new MalformedInputException(source, field, found, expected);
    }
}
