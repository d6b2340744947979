package dev.laconic.cache.store;

import dev.laconic.model.kv.KvCache;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * What a block was computed from: a model, how its keys and values are stored, and the tokens from the beginning of the
 * text on, those of the blocks before it through their hash. Equal keys mean equal entries.
 *
 * @param model fingerprint of the model, 64 hexadecimal digits
 * @param hash SHA-256 over everything, 64 hexadecimal digits
 */
public record BlockKey(String model, String hash) {
    static final int BYTES = 32;

    /** The key that the first block of every text hangs on. */
    public static BlockKey root(String model, KvCache cache) {
        MessageDigest digest = Fingerprint.sha256();
        digest.update(model.getBytes(StandardCharsets.UTF_8));
        digest.update(BlockShape.formats(cache).toString().getBytes(StandardCharsets.UTF_8));
        return new BlockKey(model, hex(digest.digest()));
    }

    /** The key of the block that follows on this one and has tokens {@code from} to {@code to} of {@code ids}. */
    public BlockKey then(int[] ids, int from, int to) {
        MessageDigest digest = Fingerprint.sha256();
        digest.update(HexFormat.of().parseHex(hash));
        ByteBuffer tokens = ByteBuffer.allocate(Math.multiplyExact(4, to - from)).order(ByteOrder.LITTLE_ENDIAN);
        tokens.asIntBuffer().put(ids, from, to - from);
        digest.update(tokens);
        return new BlockKey(model, hex(digest.digest()));
    }

    static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
