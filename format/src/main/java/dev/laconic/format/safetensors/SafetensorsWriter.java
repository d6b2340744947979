package dev.laconic.format.safetensors;

import dev.laconic.core.error.LaconicException;
import dev.laconic.core.tensor.Tensor;
import dev.laconic.core.tensor.TensorType;
import dev.laconic.format.TensorContent;
import dev.laconic.format.io.AtomicFile;
import dev.laconic.format.io.ByteWriter;
import dev.laconic.format.io.Json;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import tools.jackson.databind.node.ObjectNode;

/** Writes tensors to a safetensors file or a model folder, each made only when its turn to be written has come. */
public final class SafetensorsWriter {
    private static final int ALIGNMENT = 8;

    private final SequencedMap<String, String> metadata = new LinkedHashMap<>();
    private final SequencedMap<String, Entry> tensors = new LinkedHashMap<>();

    private record Entry(String name, Dtype dtype, List<Long> shape, long bytes, TensorContent content) {}

    public SafetensorsWriter metadata(String key, String value) {
        metadata.put(key, value);
        return this;
    }

    public SafetensorsWriter tensor(Tensor tensor) {
        return tensor(tensor.name(), tensor.type(), tensor.shape(), out -> out.accept(tensor.data()));
    }

    /**
     * @param type one that is not quantised
     * @param shape outermost dimension first
     * @param content hands over exactly the bytes that the type and the shape ask for
     */
    public SafetensorsWriter tensor(String name, TensorType type, List<Long> shape, TensorContent content) {
        Dtype dtype = Dtype.of(type)
                .orElseThrow(() -> new IllegalArgumentException(name + ": safetensors has no dtype for " + type));
        if (name.equals(SafetensorsReader.METADATA)) throw new IllegalArgumentException(name + ": a reserved name");
        long elements = 1;
        for (long size : shape) {
            if (size < 0) throw new IllegalArgumentException(name + ": negative size in shape " + shape);
            elements = Math.multiplyExact(elements, size);
        }
        Entry entry = new Entry(name, dtype, List.copyOf(shape), type.bytes(elements), content);
        if (tensors.putIfAbsent(name, entry) != null) throw new IllegalArgumentException(name + ": tensor added twice");
        return this;
    }

    /**
     * Writes one file under a temporary name and moves it to {@code file} once it is whole.
     *
     * @throws LaconicException if it cannot be written
     * @throws IllegalStateException if a tensor's content is not as long as its type and shape say
     */
    public void write(Path file) {
        write(file, List.copyOf(tensors.values()));
    }

    /**
     * Writes {@code model.safetensors} into {@code folder}, or shards and their index if the tensors take more than
     * {@code maxShardBytes}; a tensor is never divided. The folder is made if it is missing.
     *
     * @throws LaconicException if it cannot be written
     */
    public void writeFolder(Path folder, long maxShardBytes) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new LaconicException(folder + ": cannot be made: " + e.getMessage(), e);
        }
        List<List<Entry>> shards = shards(maxShardBytes);
        if (shards.size() == 1) {
            write(folder.resolve(SafetensorsDirectory.WEIGHTS), shards.getFirst());
            return;
        }
        ObjectNode index = Json.mapper().createObjectNode();
        long total = tensors.values().stream().mapToLong(Entry::bytes).sum();
        index.putObject("metadata").put("total_size", total);
        ObjectNode weightMap = index.putObject("weight_map");
        for (int i = 0; i < shards.size(); i++) {
            String name = String.format("model-%05d-of-%05d.safetensors", i + 1, shards.size());
            write(folder.resolve(name), shards.get(i));
            for (Entry tensor : shards.get(i)) weightMap.put(tensor.name, name);
        }
        byte[] json = Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(index);
        AtomicFile.write(folder.resolve(SafetensorsDirectory.INDEX), out -> out.bytes(MemorySegment.ofArray(json)));
    }

    private List<List<Entry>> shards(long maxShardBytes) {
        List<List<Entry>> shards = new ArrayList<>();
        List<Entry> shard = new ArrayList<>();
        long bytes = 0;
        for (Entry tensor : tensors.values()) {
            if (!shard.isEmpty() && bytes + tensor.bytes > maxShardBytes) {
                shards.add(shard);
                shard = new ArrayList<>();
                bytes = 0;
            }
            shard.add(tensor);
            bytes += tensor.bytes;
        }
        shards.add(shard);
        return shards;
    }

    private void write(Path file, List<Entry> entries) {
        byte[] header = header(entries);
        AtomicFile.write(file, out -> {
            out.int64(Math.ceilDiv(header.length, ALIGNMENT) * ALIGNMENT);
            out.bytes(MemorySegment.ofArray(header));
            while (out.position() % ALIGNMENT != 0) out.int8(' ');
            for (Entry tensor : entries) write(tensor, out);
        });
    }

    private static void write(Entry tensor, ByteWriter out) {
        long start = out.position();
        tensor.content.writeTo(out::bytes);
        long written = out.position() - start;
        if (written != tensor.bytes)
            throw new IllegalStateException(
                    tensor.name + ": " + written + " bytes handed over, expected " + tensor.bytes);
    }

    private byte[] header(List<Entry> entries) {
        ObjectNode header = Json.mapper().createObjectNode();
        if (!metadata.isEmpty()) {
            ObjectNode node = header.putObject(SafetensorsReader.METADATA);
            metadata.forEach(node::put);
        }
        long offset = 0;
        for (Entry tensor : entries) {
            ObjectNode node = header.putObject(tensor.name).put("dtype", tensor.dtype.name());
            tensor.shape.forEach(node.putArray("shape")::add);
            node.putArray("data_offsets").add(offset).add(offset + tensor.bytes);
            offset += tensor.bytes;
        }
        return Json.mapper().writeValueAsString(header).getBytes(StandardCharsets.UTF_8);
    }
}
