package dev.laconic.model.load.huggingface;

import dev.laconic.core.tensor.Tensor;
import dev.laconic.core.tensor.TensorType;
import dev.laconic.format.ModelFile;
import dev.laconic.format.io.Json;
import dev.laconic.format.safetensors.SafetensorsWriter;
import dev.laconic.kernels.block.Blocks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes a GGUF model as the Hugging Face folder it would have come from: names and layouts the other way round. Says
 * what it does in its own words, not by the tables under test.
 */
final class Folder {
    /** A float matrix or vector under way. */
    record Values(float[] elements, long... shape) {}

    interface Layout {
        Values apply(Values values);
    }

    /** One or more Hugging Face tensors out of a GGUF one. */
    interface Rule {
        void apply(Matcher name, Values values, SequencedMap<String, Values> out);
    }

    private record Case(Pattern pattern, Rule rule) {}

    private final ModelFile file;
    private final List<Case> cases = new ArrayList<>();
    private final ObjectNode config = Json.mapper().createObjectNode();
    private final SequencedMap<String, Values> tensors = new LinkedHashMap<>();
    private String prefix = "";
    private List<String> prefixed = List.of();

    Folder(ModelFile file) {
        this.file = file;
    }

    long integer(String key) {
        return file.metadata().integer(file.metadata().requireString("general.architecture") + "." + key).orElseThrow();
    }

    double number(String key) {
        return file.metadata().number(file.metadata().requireString("general.architecture") + "." + key).orElseThrow();
    }

    boolean has(String tensor) {
        return file.tensors().containsKey(tensor);
    }

    ModelFile file() {
        return file;
    }

    ObjectNode config() {
        return config;
    }

    /** Adds to the configuration what {@code json} says. */
    Folder config(String json) {
        Json.mapper().readTree(json).properties().forEach(entry -> config.set(entry.getKey(), entry.getValue()));
        return this;
    }

    /** One pair a line: a GGUF name, with # for the layer, and the Hugging Face name, both of weight and bias. */
    Folder names(String table) {
        return names(table, values -> values);
    }

    Folder names(String table, Layout layout) {
        table.lines().map(String::strip).filter(line -> !line.isEmpty()).forEach(line -> {
            String[] pair = line.split("\\s+");
            rule(Pattern.quote(pair[0]).replace("#", "\\E(\\d+)\\Q") + "\\.(weight|bias)", (name, values, out) -> {
                String kind = name.group(name.groupCount());
                String target = name.groupCount() == 2 ? pair[1].replace("#", name.group(1)) : pair[1];
                out.put(target + "." + kind, layout.apply(values));
            });
        });
        return this;
    }

    Folder rule(String pattern, Rule rule) {
        cases.add(new Case(Pattern.compile(pattern), rule));
        return this;
    }

    /** A rule for the weight or bias of one name that comes before those there are. */
    Folder insteadOf(String gguf, Rule rule) {
        cases.addFirst(new Case(Pattern.compile(Pattern.quote(gguf) + "\\.(weight|bias)"), rule));
        return this;
    }

    /** Puts a prefix before every name that begins with one of {@code parts}. */
    Folder prefix(String newPrefix, String... parts) {
        prefix = newPrefix;
        prefixed = List.of(parts);
        return this;
    }

    Folder with(String name, float[] elements, long... shape) {
        tensors.put(name, new Values(elements, shape));
        return this;
    }

    /** Writes the folder; every tensor of the file must have found a rule. */
    Path write(Path folder, TensorType type, long maxShardBytes) {
        SafetensorsWriter writer = new SafetensorsWriter().metadata("format", "pt");
        SequencedMap<String, Values> all = new LinkedHashMap<>(tensors);
        for (Tensor tensor : file.tensors().values()) {
            long[] shape = tensor.shape().stream().mapToLong(Long::longValue).toArray();
            convert(tensor.name(), new Values(Blocks.decode(tensor), shape), all);
        }
        all.forEach((plain, values) -> {
            String name = prefixed.stream().anyMatch(part -> plain.startsWith(part + ".")) ? prefix + plain : plain;
            byte[] bytes = encode(values.elements, type);
            List<Long> shape = java.util.Arrays.stream(values.shape).boxed().toList();
            writer.tensor(name, type, shape, out -> out.accept(MemorySegment.ofArray(bytes)));
        });
        writer.writeFolder(folder, maxShardBytes);
        try {
            Files.write(folder.resolve("config.json"), Json.mapper().writeValueAsBytes(config));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return folder;
    }

    private void convert(String name, Values values, SequencedMap<String, Values> out) {
        for (Case each : cases) {
            Matcher matcher = each.pattern.matcher(name);
            if (!matcher.matches()) continue;
            each.rule.apply(matcher, values, out);
            return;
        }
        throw new AssertionError("no rule for " + name);
    }

    static byte[] encode(float[] elements, TensorType type) {
        byte[] bytes = new byte[Math.toIntExact(type.bytes(elements.length))];
        MemorySegment segment = MemorySegment.ofArray(bytes);
        for (int i = 0; i < elements.length; i++)
            switch (type) {
                case F32 -> segment.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i, elements[i]);
                case F16 -> segment.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i, Float.floatToFloat16(elements[i]));
                case BF16 ->
                    segment.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i,
                            (short) (Float.floatToRawIntBits(elements[i]) + 0x8000 >>> 16));
                default -> throw new IllegalArgumentException(type.toString());
            }
        return bytes;
    }

    /** GGUF's neighbouring rotary pairs to Hugging Face's halves, over the rows of {@code heads} heads. */
    static Layout halves(long heads) {
        return values -> rows(values, (row, rows) -> {
            long dimension = rows / heads;
            long within = row % dimension;
            long half = dimension / 2;
            return row - within + (within < half ? 2 * within : 2 * (within - half) + 1);
        });
    }

    /** The same within one matrix of queries, keys and values: for the queries' and the keys' rows. */
    static Values halvesOf(Values values, long heads, long kvHeads) {
        long dimension = values.shape[0] / (heads + 2 * kvHeads);
        return rows(values, (row, _) -> {
            if (row >= (heads + kvHeads) * dimension) return row;
            long within = row % dimension;
            long half = dimension / 2;
            return row - within + (within < half ? 2 * within : 2 * (within - half) + 1);
        });
    }

    /** All queries, keys, values to queries, key, value of each KV head. */
    static Layout grouped(long heads, long kvHeads) {
        return values -> rows(values, (row, rows) -> {
            long group = heads / kvHeads;
            long dimension = rows / (heads + 2 * kvHeads);
            long unit = row / dimension;
            long kv = unit / (group + 2);
            long part = unit % (group + 2);
            long source = part < group ? kv * group + part : part == group ? heads + kv : heads + kvHeads + kv;
            return source * dimension + row % dimension;
        });
    }

    static Layout minusOne() {
        return values -> {
            float[] shifted = values.elements.clone();
            for (int i = 0; i < shifted.length; i++) shifted[i] -= 1;
            return new Values(shifted, values.shape);
        };
    }

    static Layout transposed() {
        return values -> {
            if (values.shape.length != 2) return values;
            int rows = (int) values.shape[0];
            int columns = (int) values.shape[1];
            float[] turned = new float[rows * columns];
            for (int r = 0; r < rows; r++)
                for (int c = 0; c < columns; c++) turned[c * rows + r] = values.elements[r * columns + c];
            return new Values(turned, columns, rows);
        };
    }

    static Values slice(Values values, int index) {
        long[] shape = java.util.Arrays.copyOfRange(values.shape, 1, values.shape.length);
        int size = values.elements.length / (int) values.shape[0];
        return new Values(java.util.Arrays.copyOfRange(values.elements, index * size, (index + 1) * size), shape);
    }

    private interface RowSource {
        long of(long row, long rows);
    }

    private static Values rows(Values values, RowSource source) {
        int rows = (int) values.shape[0];
        int width = values.elements.length / rows;
        float[] moved = new float[values.elements.length];
        for (int row = 0; row < rows; row++)
            System.arraycopy(values.elements, (int) source.of(row, rows) * width, moved, row * width, width);
        return new Values(moved, values.shape);
    }
}
