package dev.laconic.cli;

import java.io.Writer;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * JSON of maps, lists, texts, numbers and booleans, as {@link JsonMapper} writes it; that of other objects is what it
 * writes. To make a mapper takes longer than to make a token.
 */
final class JsonText {
    private static final JsonFactory FACTORY = new JsonFactory();

    private JsonText() {}

    static void write(Object value, Writer out) {
        JsonGenerator generator = FACTORY.createGenerator(ObjectWriteContext.empty(), out);
        write(value, generator);
        generator.flush();
    }

    private static void write(Object value, JsonGenerator out) {
        if (value instanceof Map<?, ?> map) {
            out.writeStartObject();
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                out.writeName(entry.getKey().toString());
                write(entry.getValue(), out);
            }
            out.writeEndObject();
        } else if (value instanceof Iterable<?> items && !(value instanceof Path)) {
            out.writeStartArray();
            for (Object item : items) write(item, out);
            out.writeEndArray();
        } else if (value instanceof int[] numbers) {
            out.writeArray(numbers, 0, numbers.length);
        } else if (value instanceof float[] numbers) {
            out.writeStartArray();
            for (float number : numbers) out.writeNumber(number);
            out.writeEndArray();
        } else if (value instanceof String text) out.writeString(text);
        else if (value instanceof Integer number) out.writeNumber(number);
        else if (value instanceof Long number) out.writeNumber(number);
        else if (value instanceof Double number) out.writeNumber(number);
        else if (value instanceof Float number) out.writeNumber(number);
        else if (value instanceof BigInteger number) out.writeNumber(number);
        else if (value instanceof Boolean flag) out.writeBoolean(flag);
        else out.writeRawValue(JsonMapper.shared().writeValueAsString(value));
    }
}
