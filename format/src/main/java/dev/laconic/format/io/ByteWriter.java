package dev.laconic.format.io;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Writes little-endian values one after the other to a file; a failing disk throws a LaconicException. */
public final class ByteWriter {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final long CHUNK_BYTES = 1 << 26;

    private final Path target;
    private final FileChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final MemorySegment bufferBytes = MemorySegment.ofBuffer(buffer);
    private long flushed;

    /** @param target the file's name, for error messages */
    ByteWriter(Path target, FileChannel channel) {
        this.target = target;
        this.channel = channel;
    }

    /** Bytes written so far. */
    public long position() {
        return flushed + buffer.position();
    }

    public void int8(int value) {
        room(1).put((byte) value);
    }

    public void int32(int value) {
        room(4).putInt(value);
    }

    public void int64(long value) {
        room(8).putLong(value);
    }

    /** A string in UTF-8 after its length in bytes as an int64. */
    public void string(String text) {
        byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
        int64(encoded.length);
        bytes(MemorySegment.ofArray(encoded));
    }

    public void bytes(MemorySegment bytes) {
        long length = bytes.byteSize();
        if (bytes.isNative() && length > BUFFER_BYTES) {
            flush();
            for (long at = 0; at < length; at += CHUNK_BYTES)
                writeFully(bytes.asSlice(at, Math.min(CHUNK_BYTES, length - at)).asByteBuffer());
            return;
        }
        for (long at = 0; at < length; ) {
            if (!buffer.hasRemaining()) flush();
            int count = (int) Math.min(length - at, buffer.remaining());
            MemorySegment.copy(bytes, at, bufferBytes, buffer.position(), count);
            buffer.position(buffer.position() + count);
            at += count;
        }
    }

    /** Zeros until the position is a multiple of {@code alignment}. */
    public void align(int alignment) {
        while (position() % alignment != 0) int8(0);
    }

    void flush() {
        buffer.flip();
        writeFully(buffer);
        buffer.clear();
    }

    private ByteBuffer room(int bytes) {
        if (buffer.remaining() < bytes) flush();
        return buffer;
    }

    private void writeFully(ByteBuffer bytes) {
        try {
            while (bytes.hasRemaining()) flushed += channel.write(bytes);
        } catch (IOException e) {
            throw AtomicFile.unwritable(target, e);
        }
    }
}
