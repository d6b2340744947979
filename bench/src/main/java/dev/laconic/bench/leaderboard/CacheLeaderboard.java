package dev.laconic.bench.leaderboard;

import dev.laconic.bench.cache.CacheRow;
import dev.laconic.core.error.LaconicException;
import dev.laconic.core.error.UsageException;
import dev.laconic.format.io.AtomicFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The leaderboard of cache techniques: {@code cache.md} to read anywhere, and {@code cache.html}, one page with plots. */
public final class CacheLeaderboard {
    private CacheLeaderboard() {}

    /**
     * Writes both files.
     *
     * @param rows results of one model
     * @param command what measures them again
     * @return the files
     */
    public static List<Path> write(Path folder, List<CacheRow> rows, String command) {
        if (rows.isEmpty()) throw new UsageException("there are no results to report");
        if (rows.stream().noneMatch(row -> row.technique().equals("full")))
            throw new UsageException("there are no results of the full cache, which all others are compared with");
        try {
            Files.createDirectories(folder);
        } catch (IOException failure) {
            throw new LaconicException(folder + ": cannot be made: " + failure.getMessage(), failure);
        }
        Path text = folder.resolve("cache.md");
        Path page = folder.resolve("cache.html");
        write(text, new CacheMarkdown(rows, command).text());
        write(page, CachePage.of(rows, command));
        return List.of(text, page);
    }

    private static void write(Path file, String text) {
        MemorySegment bytes = MemorySegment.ofArray(text.getBytes(StandardCharsets.UTF_8));
        AtomicFile.write(file, out -> out.bytes(bytes));
    }
}
