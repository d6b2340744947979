package dev.laconic.model.kv;

import dev.laconic.core.error.LaconicException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Memory outside fast memory: mapped temporary files, which are deleted as soon as they are mapped. */
final class ColdMemory {
    private static final int ZEROS = 1 << 16;
    private static final int READS_WAITING = 1 << 10;

    private final ThreadPoolExecutor reader;

    ColdMemory() {
        reader = new ThreadPoolExecutor(
                1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(READS_WAITING),
                task -> Thread.ofPlatform().daemon().name("laconic-read-ahead").unstarted(task),
                new ThreadPoolExecutor.DiscardPolicy());
        reader.allowCoreThreadTimeOut(true);
    }

    /**
     * Maps that many bytes of a file that has all of them on the disk: a disk that is full is an error here and not a
     * fault later on.
     *
     * @throws LaconicException if there is no room for it
     */
    MemorySegment allocate(long bytes) {
        Path directory = Path.of(System.getProperty("java.io.tmpdir"));
        try {
            Path path = Files.createTempFile(directory, "laconic-kv-", ".tmp");
            try (FileChannel file = FileChannel.open(
                    path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE)) {
                ByteBuffer zeros = ByteBuffer.allocateDirect(ZEROS);
                for (long left = bytes; left > 0; left -= zeros.limit()) {
                    zeros.clear().limit((int) Math.min(ZEROS, left));
                    while (zeros.hasRemaining()) file.write(zeros);
                }
                return file.map(MapMode.READ_WRITE, 0, bytes, Arena.ofAuto());
            }
        } catch (IOException e) {
            throw new LaconicException("keys and values cannot be moved to a file of " + bytes + " bytes in " + directory
                    + " (java.io.tmpdir): " + e.getMessage(), e);
        }
    }

    /** Has bytes read in the background that are to be used soon; when much is waiting already, nothing happens. */
    void readAhead(MemorySegment data) {
        reader.execute(data::load);
    }
}
