package dev.laconic.format.safetensors;

import dev.laconic.core.error.LaconicException;
import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.error.UnsupportedModelException;
import dev.laconic.core.tensor.Tensor;
import dev.laconic.format.Metadata;
import dev.laconic.format.ModelFile;
import dev.laconic.format.io.ByteReader;
import dev.laconic.format.io.Json;
import dev.laconic.format.io.FileArena;
import dev.laconic.format.io.MappedFile;
import dev.laconic.format.io.Quoted;
import dev.laconic.format.safetensors.SafetensorsReader.Contents;
import dev.laconic.format.safetensors.SafetensorsReader.Entry;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * A Hugging Face model folder, or one safetensors file and what lies beside it, memory-mapped. Tensors have Hugging
 * Face's names; of the metadata only the files' own {@code __metadata__} is there, each key after
 * {@code safetensors.}: what a model is, its {@link #config()} says.
 *
 * <p>Tensors whose dtype the engine cannot hold (BOOL, U8 to U64, F8 and smaller, C64) are in {@link #unsupported()};
 * asking for one is an error. A file's tensors start where its header ends, so they may lie at any address, odd ones
 * too.
 */
public final class SafetensorsDirectory implements ModelFile {
    /** The single file of a model that is not sharded. */
    public static final String WEIGHTS = "model.safetensors";
    /** The file that says which shard holds which tensor. */
    public static final String INDEX = "model.safetensors.index.json";

    private static final int MAX_NAMED_MISSING = 5;

    private final Path path;
    private final Path folder;
    private final FileArena arena;
    private final Metadata metadata;
    private final SequencedMap<String, Tensor> tensors;
    private final SequencedMap<String, String> unsupported;

    private SafetensorsDirectory(Path path, Path folder, FileArena arena, Contents contents) {
        this.path = path;
        this.folder = folder;
        this.arena = arena;
        SequencedMap<String, Object> values = new LinkedHashMap<>();
        contents.metadata().forEach((key, value) -> values.put("safetensors." + key, value));
        this.metadata = new Metadata(path.toString(), values);
        SequencedMap<String, Tensor> known = new LinkedHashMap<>();
        SequencedMap<String, String> unknown = new LinkedHashMap<>();
        for (Entry entry : contents.entries().values())
            entry.dtype()
                    .type()
                    .ifPresentOrElse(
                            type -> known.put(entry.name(), new Tensor(
                                    entry.name(), type, Tensor.shape(entry.shape()), entry.data(), entry.file())),
                            () -> unknown.put(entry.name(), entry.dtype().name()));
        this.tensors = Collections.unmodifiableSequencedMap(known);
        this.unsupported = Collections.unmodifiableSequencedMap(unknown);
    }

    /**
     * Opens a folder with {@code model.safetensors} or {@code model.safetensors.index.json}, or else just one other
     * safetensors file, in it; or one safetensors file; or an index and its shards.
     *
     * @throws MalformedInputException if a file breaks the format, or shards are missing or lack tensors
     * @throws LaconicException if there is no such file or it cannot be read
     */
    public static SafetensorsDirectory open(Path path) {
        FileArena arena = new FileArena();
        try {
            Path weights = Files.isDirectory(path) ? weightsIn(path) : path;
            Path folder = weights.toAbsolutePath().getParent();
            Contents contents = weights.getFileName().toString().endsWith(".json")
                    ? readShards(weights, arena)
                    : readFile(weights, arena);
            return new SafetensorsDirectory(path, folder, arena, contents);
        } catch (Throwable e) {
            arena.close();
            throw e;
        }
    }

    /** Whether a file of these bytes begins as safetensors files do: a length that fits, then JSON. */
    public static boolean recognises(MemorySegment bytes) {
        if (bytes.byteSize() <= Long.BYTES) return false;
        long header = bytes.get(ByteReader.LONG, 0);
        return header > 0
                && header <= bytes.byteSize() - Long.BYTES
                && bytes.get(ValueLayout.JAVA_BYTE, Long.BYTES) == '{';
    }

    private static Path weightsIn(Path folder) {
        for (String name : List.of(WEIGHTS, INDEX)) if (Files.exists(folder.resolve(name))) return folder.resolve(name);
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> others = files.filter(file -> file.toString().endsWith(".safetensors"))
                    .limit(2)
                    .toList();
            if (others.size() == 1) return others.getFirst();
        } catch (IOException e) {
            throw MappedFile.unreadable(folder, e);
        }
        throw new LaconicException(folder + ": holds neither " + WEIGHTS + " nor " + INDEX);
    }

    private static Contents readFile(Path file, FileArena arena) {
        return SafetensorsReader.read(file.toString(), arena.map(file));
    }

    private static Contents readShards(Path index, FileArena arena) {
        JsonNode document = Json.read(index).orElseThrow(() -> new LaconicException(index + ": no such file"));
        SequencedMap<String, String> weightMap = weightMap(index.toString(), document);
        SequencedSet<String> names = new LinkedHashSet<>(weightMap.values());
        requireAll(index, names);
        Map<String, Contents> shards = new LinkedHashMap<>();
        for (String name : names) shards.put(name, readFile(index.resolveSibling(name), arena));
        SequencedMap<String, Entry> entries = new LinkedHashMap<>();
        weightMap.forEach((tensor, shard) -> {
            Entry entry = shards.get(shard).entries().get(tensor);
            if (entry == null)
                throw new MalformedInputException(
                        index.resolveSibling(shard).toString(),
                        "tensor " + Quoted.of(tensor),
                        "nothing",
                        "it, as " + index.getFileName() + " says");
            entries.put(tensor, entry);
        });
        return new Contents(new LinkedHashMap<>(), entries);
    }

    /** What an index says: the name of each tensor's file, which lies in the same folder. */
    static SequencedMap<String, String> weightMap(String source, JsonNode index) {
        JsonNode weightMap = index.path("weight_map");
        if (!weightMap.isObject())
            throw new MalformedInputException(
                    source, "weight_map", weightMap.getNodeType(), "an object from tensor to file");
        SequencedMap<String, String> files = new LinkedHashMap<>();
        weightMap.properties().forEach(entry -> {
            String file = entry.getValue().isString() ? entry.getValue().stringValue() : "";
            boolean plain = file.endsWith(".safetensors") && !file.contains("/") && !file.contains("\\");
            if (!plain || file.indexOf('\0') >= 0)
                throw new MalformedInputException(
                        source,
                        "weight_map " + Quoted.of(entry.getKey()),
                        Quoted.of(entry.getValue().toString()),
                        "the name of a safetensors file in the same folder");
            files.put(entry.getKey(), file);
        });
        return files;
    }

    private static void requireAll(Path index, SequencedSet<String> names) {
        List<String> missing = new ArrayList<>();
        for (String name : names) if (!Files.exists(index.resolveSibling(name))) missing.add(Quoted.of(name));
        if (missing.isEmpty()) return;
        String more =
                missing.size() > MAX_NAMED_MISSING ? " and " + (missing.size() - MAX_NAMED_MISSING) + " more" : "";
        throw new MalformedInputException(
                index.toString(),
                "weight_map",
                "a model in " + names.size() + " shards without "
                        + String.join(", ", missing.subList(0, Math.min(missing.size(), MAX_NAMED_MISSING))) + more,
                "all shards in the same folder");
    }

    @Override
    public Path path() {
        return path;
    }

    /** The folder that the tensors, the configuration and the tokenizer lie in. */
    public Path folder() {
        return folder;
    }

    @Override
    public Metadata metadata() {
        return metadata;
    }

    @Override
    public SequencedMap<String, Tensor> tensors() {
        return tensors;
    }

    /** @throws UnsupportedModelException if the engine cannot hold the tensor's dtype */
    @Override
    public Optional<Tensor> tensor(String name) {
        String dtype = unsupported.get(name);
        if (dtype != null)
            throw new UnsupportedModelException(
                    path.toString(),
                    "tensor " + Quoted.of(name) + " dtype",
                    dtype,
                    Arrays.stream(Dtype.values())
                            .filter(each -> each.type().isPresent())
                            .map(Dtype::name)
                            .toList());
        return Optional.ofNullable(tensors.get(name));
    }

    /** The dtypes of the tensors that the engine cannot hold, by name, in the file's order. */
    public SequencedMap<String, String> unsupported() {
        return unsupported;
    }

    /**
     * The model's {@code config.json}.
     *
     * @throws LaconicException if the folder has none
     */
    public JsonNode config() {
        return json("config.json")
                .orElseThrow(
                        () -> new LaconicException(folder.resolve("config.json") + ": no such file; a model needs it"));
    }

    /** A JSON file of the folder, such as {@code generation_config.json}, if it is there. */
    public Optional<JsonNode> json(String fileName) {
        return Json.read(folder.resolve(fileName));
    }

    /** A text file of the folder, if it is there. */
    public Optional<String> text(String fileName) {
        return Json.bytes(folder.resolve(fileName)).map(utf8 -> new String(utf8, StandardCharsets.UTF_8));
    }

    /**
     * The chat template: {@code chat_template.jinja}, or else what {@code tokenizer_config.json} has under
     * {@code chat_template}; of several named ones the one called {@code default}.
     */
    public Optional<String> chatTemplate() {
        return text("chat_template.jinja")
                .or(() -> json("tokenizer_config.json").flatMap(SafetensorsDirectory::chatTemplate));
    }

    private static Optional<String> chatTemplate(JsonNode tokenizerConfig) {
        JsonNode template = tokenizerConfig.path("chat_template");
        if (template.isString()) return Optional.of(template.stringValue());
        for (JsonNode named : template)
            if (named.path("name").asString("").equals("default"))
                return named.path("template").stringValueOpt();
        return Optional.empty();
    }

    @Override
    public void close() {
        arena.close();
    }
}
