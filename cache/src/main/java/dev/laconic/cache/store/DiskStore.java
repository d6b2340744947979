package dev.laconic.cache.store;

import dev.laconic.core.error.LaconicException;
import dev.laconic.core.error.MalformedInputException;
import dev.laconic.format.io.AtomicFile;
import dev.laconic.format.io.MappedFile;
import dev.laconic.format.io.OpenFile;
import dev.laconic.kernels.LargePages;
import dev.laconic.model.kv.HeadCache;
import dev.laconic.model.kv.KvCache;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Blocks in the files of a folder, which several programs may use at once. A file is written under another name and moved
 * to its place; it is read layer by layer, and each layer is checked before it is used.
 */
public final class DiskStore implements KvStore {
    private static final Logger LOG = LoggerFactory.getLogger(DiskStore.class);

    private final Path folder;
    private final AtomicReference<MemorySegment> room = new AtomicReference<>(MemorySegment.NULL);

    /**
     * @param folder made if it is not there
     * @throws LaconicException if it cannot be made
     */
    public DiskStore(Path folder) {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new LaconicException(folder + ": cannot be made a folder: " + e.getMessage(), e);
        }
    }

    /** The file of a block, whether it is there or not. */
    public Path file(BlockKey key) {
        return folder.resolve(key.hash() + ".kv");
    }

    /** A file that is not what it should be is reported to the log and removed. */
    @Override
    public Optional<KvBlock> get(BlockKey key) {
        Path file = file(key);
        if (!Files.exists(file)) return Optional.empty();
        try {
            OpenFile open = new OpenFile(file);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment bytes = MappedFile.map(file, arena);
                return Optional.of(new Stored(file.toString(), open, BlockFile.read(file.toString(), bytes, key), this));
            } catch (RuntimeException unusable) {
                open.close();
                throw unusable;
            }
        } catch (MalformedInputException damaged) {
            LOG.warn("{}; it is computed again", damaged.getMessage());
            remove(key);
            return Optional.empty();
        } catch (LaconicException unreadable) {
            // Another program may have removed it since it was seen, and a third may have put it back.
            if (unreadable.getCause() instanceof NoSuchFileException) return Optional.empty();
            throw unreadable;
        }
    }

    @Override
    public boolean contains(BlockKey key) {
        return Files.exists(file(key));
    }

    @Override
    public void put(BlockKey key, KvCache cache, int from, int to) {
        if (!contains(key)) AtomicFile.write(file(key), out -> BlockFile.write(out, key, cache, from, to));
    }

    @Override
    public void remove(BlockKey key) {
        try {
            Files.deleteIfExists(file(key));
        } catch (IOException e) {
            throw new LaconicException(file(key) + ": cannot be removed: " + e.getMessage(), e);
        }
    }

    /** Files stay until they are removed. */
    @Override
    public boolean pin(BlockKey key) {
        return contains(key);
    }

    /** Has memory of at least so many bytes read from, which is kept for the next. */
    private void withRoom(long bytes, Consumer<MemorySegment> reader) {
        MemorySegment memory = room.getAndSet(MemorySegment.NULL);
        if (memory.byteSize() < bytes) memory = LargePages.allocate(bytes);
        reader.accept(memory.asSlice(0, bytes));
        room.set(memory);
    }

    private record Stored(String source, OpenFile file, BlockFile.Header header, DiskStore store) implements KvBlock {
        @Override
        public BlockShape shape() {
            return header.shape();
        }

        @Override
        public void read(int layer, KvCache into) {
            BlockShape shape = shape();
            shape.requireFormats(source, into);
            if (into.heads(layer) == 0) return;
            long before = header.dataOffset();
            for (int earlier = 0; earlier < layer; earlier++) before += shape.layerBytes(earlier);
            long offset = before;
            store.withRoom(shape.layerBytes(layer), bytes -> {
                file.read(offset, bytes);
                decode(layer, bytes, into);
            });
        }

        private void decode(int layer, MemorySegment bytes, KvCache into) {
            int found = BlockFile.checksum(bytes);
            if (found != header.checksums().get(layer))
                throw new MalformedInputException(
                        source, "checksum of layer " + layer, found, header.checksums().get(layer).toString());
            long offset = 0;
            for (int head = 0; head < into.heads(layer); head++) {
                HeadCache entries = into.head(layer, head);
                entries.decode(bytes, offset, shape().tokens(), shape().position());
                offset += entries.format().entriesBytes(shape().tokens());
            }
        }

        @Override
        public void close() {
            file.close();
        }
    }
}
