package dev.laconic.model;

import dev.laconic.format.io.Json;
import dev.laconic.testkit.SharedData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;

/** What an independent engine computed with one model. */
record Reference(JsonNode entry) {

    static Reference of(String name) {
        for (JsonNode model : Json.read(SharedData.require("parity/INDEX.json")).orElseThrow().path("models"))
            if (model.path("name").asString().equals(name)) return new Reference(model);
        throw new IllegalArgumentException("no reference for " + name);
    }

    int[] ids(String field) {
        JsonNode ids = entry.path(field);
        int[] values = new int[ids.size()];
        for (int i = 0; i < values.length; i++) values[i] = ids.get(i).asInt();
        return values;
    }

    float[] values(String name) {
        return floats(SharedData.require("parity/" + entry.path("references").path(name).path("file").asString()));
    }

    /** One part of the reference {@code hidden}. */
    float[] hidden(String part) {
        JsonNode hidden = entry.path("references").path("hidden");
        for (JsonNode each : hidden.path("parts"))
            if (each.path("name").asString().equals(part)) {
                int from = each.path("offset_floats").asInt();
                return java.util.Arrays.copyOfRange(values("hidden"), from, from + each.path("floats").asInt());
            }
        throw new IllegalArgumentException("no part " + part);
    }

    private static float[] floats(Path file) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
            float[] values = new float[bytes.remaining() / 4];
            bytes.asFloatBuffer().get(values);
            return values;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
