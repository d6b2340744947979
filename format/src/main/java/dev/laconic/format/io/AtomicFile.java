package dev.laconic.format.io;

import dev.laconic.core.error.LaconicException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.function.Consumer;

/** Writes a file under a temporary name beside its place and moves it there once it is whole. */
public final class AtomicFile {
    private AtomicFile() {}

    /**
     * Writes what {@code content} writes to the file {@code target}, replacing what was there. Where {@code content}
     * throws, {@code target} is as it was.
     *
     * @throws LaconicException if the file cannot be written
     */
    public static void write(Path target, Consumer<ByteWriter> content) {
        Path temporary = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
        try {
            try (FileChannel channel =
                    FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                ByteWriter out = new ByteWriter(target, channel);
                content.accept(out);
                out.flush();
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw unwritable(target, e);
        } finally {
            deleteQuietly(temporary);
        }
    }

    /** The error a user sees when {@code path} cannot be written. */
    static LaconicException unwritable(Path path, IOException cause) {
        String why = switch (cause) {
            case NoSuchFileException e -> "its folder does not exist";
            case FileAlreadyExistsException e -> "is in the way of a file of that name";
            default -> cause.getMessage();
        };
        return new LaconicException(path + ": cannot be written: " + why, cause);
    }

    private static void deleteQuietly(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // The file stays behind under its temporary name; the error that led here says more.
        }
    }
}
