package dev.laconic.cache.store;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.format.io.ByteReader;
import dev.laconic.format.io.ByteWriter;
import dev.laconic.kernels.KvType;
import dev.laconic.model.kv.KvCache;
import dev.laconic.model.kv.KvFormat;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * A block as a file, little-endian:
 *
 * <pre>
 * int32 magic "LKVB", int32 version, the model's fingerprint and the block's hash (32 bytes each),
 * int32 tokens, int32 position, int32 layers,
 * for each layer: int32 heads, and where there are any: int32 key dimension, int32 value dimension,
 *     types of keys and of values (int32 length, ASCII name), int32 CRC-32C of the layer's bytes,
 * int32 CRC-32C of all that stands before it,
 * for each layer and head: its encoded keys, then its encoded values
 * </pre>
 */
final class BlockFile {
    private static final int MAGIC = 'L' | 'K' << 8 | 'V' << 16 | 'B' << 24;
    private static final int VERSION = 1;
    private static final int LARGEST = 1 << 16;
    private static final int LONGEST_TYPE = 32;
    private static final int FIXED_BYTES = 2 * Integer.BYTES + 2 * BlockKey.BYTES + 3 * Integer.BYTES;
    private static final int LAYER_BYTES = 6 * Integer.BYTES;
    private static final long CHUNK_BYTES = 1 << 26;

    private BlockFile() {}

    /** A header that was read: what the block holds, where its bytes begin, and what their checksums must be. */
    record Header(BlockShape shape, long dataOffset, List<Integer> checksums) {}

    /** Writes entries {@code from} to {@code to} of a cache whose heads of one layer are all stored alike. */
    static void write(ByteWriter out, BlockKey key, KvCache cache, int from, int to) {
        BlockShape shape = BlockShape.of(cache, from, to);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate(shape.bytes());
            List<Integer> checksums = new ArrayList<>();
            long at = 0;
            for (int layer = 0; layer < cache.layers(); layer++) {
                long start = at;
                for (int head = 0; head < cache.heads(layer); head++) {
                    cache.head(layer, head).encode(from, to, data, at);
                    at += cache.head(layer, head).format().entriesBytes(shape.tokens());
                }
                checksums.add(checksum(data.asSlice(start, at - start)));
            }
            out.bytes(MemorySegment.ofBuffer(header(key, shape, checksums)));
            out.bytes(data);
        }
    }

    private static ByteBuffer header(BlockKey key, BlockShape shape, List<Integer> checksums) {
        int bytes = FIXED_BYTES + Integer.BYTES;
        for (List<KvFormat> heads : shape.layers()) bytes += LAYER_BYTES + (heads.isEmpty() ? 0 : 2 * LONGEST_TYPE);
        ByteBuffer header = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        header.putInt(MAGIC).putInt(VERSION).put(digits(key.model())).put(digits(key.hash()));
        header.putInt(shape.tokens()).putInt(shape.position()).putInt(shape.layers().size());
        for (int layer = 0; layer < checksums.size(); layer++) {
            List<KvFormat> heads = shape.layers().get(layer);
            header.putInt(heads.size());
            if (heads.isEmpty()) continue;
            KvFormat format = heads.getFirst();
            if (!heads.stream().allMatch(format::equals))
                throw new IllegalArgumentException("heads of layer " + layer + " are stored in different ways");
            header.putInt(format.keyDimension()).putInt(format.valueDimension());
            put(header, format.keys());
            put(header, format.values());
            header.putInt(checksums.get(layer));
        }
        header.putInt(checksum(MemorySegment.ofBuffer(header.duplicate().flip())));
        return header.flip();
    }

    private static void put(ByteBuffer header, KvType type) {
        byte[] name = type.name().getBytes(StandardCharsets.US_ASCII);
        header.putInt(name.length).put(name);
    }

    /**
     * Reads the header and makes sure that the file is whole, and the block the one that is asked for.
     *
     * @throws MalformedInputException if not
     */
    static Header read(String source, MemorySegment file, BlockKey key) {
        ByteReader in = new ByteReader(source, file);
        require(source, "magic", Integer.toHexString(in.int32("magic")), Integer.toHexString(MAGIC));
        require(source, "version", in.int32("version"), VERSION);
        require(source, "model", digits(in, "model"), key.model());
        require(source, "hash", digits(in, "hash"), key.hash());
        int tokens = number(source, in, "tokens", 1, Integer.MAX_VALUE);
        int position = number(source, in, "position", 0, Integer.MAX_VALUE - tokens);
        int layers = number(source, in, "layers", 0, Math.clamp(in.remaining() / Integer.BYTES, 0, Integer.MAX_VALUE));
        List<List<KvFormat>> formats = new ArrayList<>();
        List<Integer> checksums = new ArrayList<>();
        long claimed = 0;
        for (int layer = 0; layer < layers; layer++) {
            String name = "layer " + layer + " ";
            int heads = number(source, in, name + "heads", 0, LARGEST);
            if (heads == 0) {
                formats.add(List.of());
                checksums.add(0);
                continue;
            }
            int keyDimension = number(source, in, name + "key dimension", 1, LARGEST);
            int valueDimension = number(source, in, name + "value dimension", 1, LARGEST);
            KvType keys = type(source, in, name + "type of keys");
            KvType values = type(source, in, name + "type of values");
            KvFormat format = new KvFormat(
                    keys, values, keyDimension, valueDimension, KvFormat.DEFAULT_ENTRIES_PER_PAGE);
            claimed = Math.addExact(claimed, Math.multiplyExact(heads, format.entriesBytes(tokens)));
            if (claimed > in.remaining())
                throw new MalformedInputException(
                        source, name + "size", claimed + " bytes of keys and values up to here",
                        "at most " + in.remaining() + ", as many as remain");
            formats.add(Collections.nCopies(heads, format));
            checksums.add(in.int32(name + "checksum"));
        }
        int expected = checksum(file.asSlice(0, in.position()));
        require(source, "header checksum", in.int32("header checksum"), expected);
        BlockShape shape = new BlockShape(tokens, position, formats);
        require(source, "bytes of keys and values", in.remaining(), shape.bytes());
        return new Header(shape, in.position(), checksums);
    }

    private static void require(String source, String field, Object found, Object expected) {
        if (!found.equals(expected)) throw new MalformedInputException(source, field, found, expected.toString());
    }

    private static int number(String source, ByteReader in, String field, int min, int max) {
        int number = in.int32(field);
        if (number < min || number > max)
            throw new MalformedInputException(source, field, number, "from " + min + " to " + max);
        return number;
    }

    private static KvType type(String source, ByteReader in, String field) {
        int length = number(source, in, field + ", length", 1, LONGEST_TYPE);
        String name = in.utf8(length, field);
        for (KvType type : KvType.values()) if (type.appendable() && type.name().equals(name)) return type;
        throw new MalformedInputException(source, field, name, "a type that entries can be appended in");
    }

    private static byte[] digits(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    private static String digits(ByteReader in, String field) {
        return BlockKey.hex(in.take(BlockKey.BYTES, field).toArray(ValueLayout.JAVA_BYTE));
    }

    /** CRC-32C. */
    static int checksum(MemorySegment bytes) {
        CRC32C crc = new CRC32C();
        for (long at = 0; at < bytes.byteSize(); at += CHUNK_BYTES)
            crc.update(bytes.asSlice(at, Math.min(CHUNK_BYTES, bytes.byteSize() - at)).asByteBuffer());
        return (int) crc.getValue();
    }
}
