package dev.laconic.format.io;

import dev.laconic.core.error.LaconicException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Maps files into memory; a {@link FileArena} also keeps them open. */
public final class MappedFile {
    private MappedFile() {}

    /**
     * The bytes of the file at {@code path}, read-only, for as long as {@code arena} lives.
     *
     * @throws LaconicException if the file is missing, not a plain file or not readable
     */
    public static MemorySegment map(Path path, Arena arena) {
        requireFile(path);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    static void requireFile(Path path) {
        if (Files.isDirectory(path)) throw new LaconicException(path + ": is a directory, expected a file");
    }

    /** The error a user sees when {@code path} cannot be read. */
    public static LaconicException unreadable(Path path, IOException cause) {
        String why = switch (cause) {
            case NoSuchFileException e -> "no such file";
            case AccessDeniedException e -> "permission denied";
            default -> "cannot be read: " + cause.getMessage();
        };
        return new LaconicException(path + ": " + why, cause);
    }
}
