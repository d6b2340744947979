package dev.laconic.format.io;

import dev.laconic.core.error.LaconicException;
import dev.laconic.core.tensor.FileMapping;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Files mapped into memory, and other memory that any thread may use, until it is closed. */
public final class FileArena implements Arena {
    private final Arena arena = Arena.ofShared();
    private final List<RandomAccessFile> files = new ArrayList<>();

    /**
     * Maps all of a file, read-only, and keeps it open.
     *
     * @throws LaconicException if the file is missing, not a plain file or not readable
     */
    public FileMapping map(Path path) {
        MappedFile.requireFile(path);
        try {
            RandomAccessFile file = open(path);
            files.add(file);
            MemorySegment bytes = file.getChannel().map(MapMode.READ_ONLY, 0, file.length(), arena);
            return new FileMapping(bytes, file.getFD());
        } catch (IOException e) {
            throw MappedFile.unreadable(path, e);
        }
    }

    private static RandomAccessFile open(Path path) throws IOException {
        try {
            return new RandomAccessFile(path.toFile(), "r");
        } catch (IOException e) {
            if (Files.notExists(path)) throw new NoSuchFileException(path.toString());
            if (!Files.isReadable(path)) throw new AccessDeniedException(path.toString());
            throw e;
        }
    }

    @Override
    public MemorySegment allocate(long bytes, long alignment) {
        return arena.allocate(bytes, alignment);
    }

    @Override
    public MemorySegment.Scope scope() {
        return arena.scope();
    }

    /** Does nothing the second time. */
    @Override
    public void close() {
        if (scope().isAlive()) arena.close();
        for (RandomAccessFile file : files) {
            try {
                file.close();
            } catch (IOException e) {
                throw new LaconicException("a mapped file cannot be closed: " + e.getMessage(), e);
            }
        }
    }
}
