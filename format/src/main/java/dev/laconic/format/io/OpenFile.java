package dev.laconic.format.io;

import dev.laconic.core.error.LaconicException;
import dev.laconic.core.error.MalformedInputException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file whose bytes are copied to where they are wanted: sooner than through a mapping where they are read once, since each
 * page of a mapping is a fault. Safe for use by several threads; an interrupt does not end a read.
 */
public final class OpenFile implements AutoCloseable {
    private static final int CHUNK_BYTES = 1 << 26;

    private final Path path;
    private FileChannel channel;
    private boolean closed;

    /** @throws LaconicException if the file is missing or not readable */
    public OpenFile(Path path) {
        this.path = path;
        channel = open();
    }

    private FileChannel open() {
        try {
            return FileChannel.open(path, StandardOpenOption.READ);
        } catch (IOException e) {
            throw MappedFile.unreadable(path, e);
        }
    }

    /** The open channel; an interrupt has closed it if it is not. */
    private synchronized FileChannel channel() {
        if (closed) throw new IllegalStateException(path + " is closed");
        if (!channel.isOpen()) channel = open();
        return channel;
    }

    /**
     * Fills memory with the bytes from {@code position} on.
     *
     * @throws MalformedInputException if the file ends before
     * @throws LaconicException if it cannot be read
     */
    public void read(long position, MemorySegment into) {
        boolean interrupted = false;
        try {
            for (long at = 0; at < into.byteSize(); ) {
                ByteBuffer chunk = into.asSlice(at, Math.min(CHUNK_BYTES, into.byteSize() - at)).asByteBuffer();
                int count;
                try {
                    count = channel().read(chunk, position + at);
                } catch (ClosedByInterruptException e) {
                    interrupted |= Thread.interrupted();
                    continue;
                }
                if (count < 0)
                    throw new MalformedInputException(
                            path.toString(), "size", position + at + " bytes",
                            position + into.byteSize() + " bytes or more");
                at += count;
            }
        } catch (IOException e) {
            throw MappedFile.unreadable(path, e);
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        try {
            channel.close();
        } catch (IOException e) {
            throw MappedFile.unreadable(path, e);
        }
    }
}
