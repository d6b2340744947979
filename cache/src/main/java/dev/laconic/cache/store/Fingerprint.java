package dev.laconic.cache.store;

import dev.laconic.core.tensor.Tensor;
import dev.laconic.kernels.Rope;
import dev.laconic.model.Model;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * Tells models apart whose keys and values differ: a hash of their metadata, of every tensor's name, type, shape and a
 * sample of its bytes, of the rotary frequencies in use and of the arithmetic that runs.
 */
public final class Fingerprint {
    private static final int SAMPLES = 16;
    private static final int SAMPLE_BYTES = 256;

    private Fingerprint() {}

    /** 64 hexadecimal digits. */
    public static String of(Model model) {
        MessageDigest digest = sha256();
        add(digest, model.kernels().name());
        model.file().metadata().asMap().forEach((key, value) -> {
            if (!key.startsWith("tokenizer.")) add(digest, key + "=" + text(value));
        });
        for (Tensor tensor : model.file().tensors().values()) {
            add(digest, tensor.name() + tensor.type() + tensor.shape());
            sample(digest, tensor.data());
        }
        for (int layer = 0; layer < model.layers(); layer++)
            add(digest, model.architecture().rope(layer).map(Fingerprint::text).orElse("no rope"));
        return BlockKey.hex(digest.digest());
    }

    private static void sample(MessageDigest digest, MemorySegment data) {
        byte[] bytes = new byte[SAMPLE_BYTES];
        long step = Math.max(SAMPLE_BYTES, data.byteSize() / SAMPLES);
        for (long at = 0; at < data.byteSize(); at += step) {
            int count = (int) Math.min(SAMPLE_BYTES, data.byteSize() - at);
            MemorySegment.copy(data, at, MemorySegment.ofArray(bytes), 0, count);
            digest.update(bytes, 0, count);
        }
    }

    private static void add(MessageDigest digest, String text) {
        digest.update(text.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
    }

    private static String text(Rope rope) {
        return rope.pairing() + Arrays.toString(rope.frequencies()) + rope.magnitude();
    }

    private static String text(Object value) {
        return switch (value) {
            case long[] numbers -> Arrays.toString(numbers);
            case float[] numbers -> Arrays.toString(numbers);
            case double[] numbers -> Arrays.toString(numbers);
            case boolean[] flags -> Arrays.toString(flags);
            default -> value.toString();
        };
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
