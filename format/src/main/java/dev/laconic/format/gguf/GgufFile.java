package dev.laconic.format.gguf;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.tensor.Tensor;
import dev.laconic.format.Metadata;
import dev.laconic.format.ModelFile;
import dev.laconic.format.io.FileArena;
import dev.laconic.format.io.Quoted;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A GGUF model, version 2 or 3, little-endian, memory-mapped. A model split into parts named
 * {@code name-00001-of-0000N.gguf} opens as one through any of its parts; the metadata is the first part's.
 */
public final class GgufFile implements ModelFile {
    static final String SPLIT_NUMBER_KEY = "split.no";
    static final String SPLIT_COUNT_KEY = "split.count";
    static final String SPLIT_TENSORS_KEY = "split.tensors.count";

    private static final Pattern PART_NAME = Pattern.compile("(.*)-(\\d{5})-of-(\\d{5})\\.gguf");
    private static final int MAX_PARTS = 65535;
    private static final int MAX_NAMED_MISSING = 5;

    private final Path path;
    private final FileArena arena;
    private final Metadata metadata;
    private final SequencedMap<String, MemorySegment> encoded;
    private final SequencedMap<String, Tensor> tensors;

    private GgufFile(Path path, FileArena arena, GgufReader.Part first, SequencedMap<String, Tensor> tensors) {
        this.path = path;
        this.arena = arena;
        this.metadata = first.metadata();
        this.encoded = first.encoded();
        this.tensors = Collections.unmodifiableSequencedMap(tensors);
    }

    /**
     * Opens the model at {@code path}, all of its parts if it is split.
     *
     * @throws MalformedInputException if a file breaks the format, or parts are missing or do not belong together
     * @throws dev.laconic.core.error.UnsupportedModelException for another version, byte order or tensor type
     * @throws dev.laconic.core.error.LaconicException if a file cannot be read
     */
    public static GgufFile open(Path path) {
        return open(path, metadata -> {});
    }

    /** @param described is told the metadata of a model in one part before its tensors are read */
    public static GgufFile open(Path path, Consumer<Metadata> described) {
        FileArena arena = new FileArena();
        try {
            GgufReader.Part part = GgufReader.read(path.toString(), arena.map(path), metadata -> {
                if (parts(metadata) <= 1) described.accept(metadata);
            });
            int parts = parts(part.metadata());
            return parts <= 1
                    ? new GgufFile(path, arena, part, part.tensors())
                    : openParts(path, arena, parts, part.metadata());
        } catch (Throwable e) {
            arena.close();
            throw e;
        }
    }

    private static int parts(Metadata metadata) {
        return metadata.integer(SPLIT_COUNT_KEY, 0, MAX_PARTS).orElse(1);
    }

    private static GgufFile openParts(Path path, FileArena arena, int count, Metadata opened) {
        int number = opened.requireInt(SPLIT_NUMBER_KEY, 0, count - 1);
        Matcher name = PART_NAME.matcher(path.getFileName().toString());
        String suffix = String.format("-%05d-of-%05d.gguf", number + 1, count);
        if (!name.matches() || !path.getFileName().toString().endsWith(suffix))
            throw new MalformedInputException(
                    path.toString(),
                    SPLIT_COUNT_KEY,
                    "part " + (number + 1) + " of " + count + " in a file of another name",
                    "the " + count + " parts side by side, this one named NAME" + suffix);
        List<Path> paths = new ArrayList<>();
        for (int i = 1; i <= count; i++)
            paths.add(path.resolveSibling(String.format("%s-%05d-of-%05d.gguf", name.group(1), i, count)));
        requireAll(path, paths);

        List<GgufReader.Part> parts = new ArrayList<>();
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        for (Path each : paths) {
            GgufReader.Part part = GgufReader.read(each.toString(), arena.map(each), metadata -> {});
            checkNumber(part.metadata(), parts.size(), count);
            for (Tensor tensor : part.tensors().values())
                if (tensors.put(tensor.name(), tensor) != null)
                    throw new MalformedInputException(
                            each.toString(),
                            "tensor " + Quoted.of(tensor.name()),
                            "it here and in an earlier part",
                            "each tensor in one part");
            parts.add(part);
        }
        checkTensorCount(parts.getFirst().metadata(), tensors.size());
        return new GgufFile(path, arena, parts.getFirst(), tensors);
    }

    private static void requireAll(Path path, List<Path> parts) {
        List<String> missing = parts.stream()
                .filter(part -> !Files.exists(part))
                .map(part -> part.getFileName().toString())
                .toList();
        if (missing.isEmpty()) return;
        String more =
                missing.size() > MAX_NAMED_MISSING ? " and " + (missing.size() - MAX_NAMED_MISSING) + " more" : "";
        throw new MalformedInputException(
                path.toString(),
                SPLIT_COUNT_KEY,
                "a model in " + parts.size() + " parts without "
                        + String.join(", ", missing.subList(0, Math.min(missing.size(), MAX_NAMED_MISSING))) + more,
                "all parts side by side");
    }

    private static void checkNumber(Metadata part, int number, int count) {
        int foundCount = part.requireInt(SPLIT_COUNT_KEY, 0, MAX_PARTS);
        int foundNumber = part.requireInt(SPLIT_NUMBER_KEY, 0, MAX_PARTS);
        if (foundCount != count || foundNumber != number)
            throw new MalformedInputException(
                    part.source(),
                    SPLIT_NUMBER_KEY,
                    "part " + (foundNumber + 1) + " of " + foundCount,
                    "part " + (number + 1) + " of " + count + ", as its name says");
    }

    private static void checkTensorCount(Metadata first, int found) {
        first.integer(SPLIT_TENSORS_KEY).ifPresent(expected -> {
            if (expected != found)
                throw new MalformedInputException(
                        first.source(), SPLIT_TENSORS_KEY, expected, found + ", the number of tensors in all parts");
        });
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public Metadata metadata() {
        return metadata;
    }

    @Override
    public SequencedMap<String, Tensor> tensors() {
        return tensors;
    }

    /** Every metadata value as it lies in the file: its type, then its content. */
    SequencedMap<String, MemorySegment> encodedMetadata() {
        return encoded;
    }

    @Override
    public void close() {
        arena.close();
    }
}
