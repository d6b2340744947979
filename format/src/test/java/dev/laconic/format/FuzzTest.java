package dev.laconic.format;

import dev.laconic.core.tensor.Tensor;
import dev.laconic.core.tensor.TensorType;
import dev.laconic.format.gguf.GgufFuzzer;
import dev.laconic.format.gguf.GgufWriter;
import dev.laconic.format.llama2c.Llama2cFuzzer;
import dev.laconic.format.safetensors.SafetensorsFuzzer;
import dev.laconic.format.safetensors.SafetensorsWriter;
import dev.laconic.testkit.Fuzz;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FuzzTest {
    private static final Tensor MATRIX = Tensor.of("a", new float[] {1, 2, 3, 4}, 2, 2);

    @TempDir
    Path folder;

    @Test
    void gguf() throws Exception {
        Path file = folder.resolve("seed.gguf");
        new GgufWriter()
                .string("general.architecture", "llama")
                .uint32("llama.block_count", 1)
                .uint32("general.ALIGNMENT", 32)
                .int64("i", -1)
                .float32("f", 1)
                .bool("b", true)
                .strings("tokenizer.ggml.tokens", List.of("<unk>", "a", "bc"))
                .float32s("tokenizer.ggml.scores", new float[] {0, 1, 2})
                .int32s("tokenizer.ggml.token_type", new int[] {2, 1, 1})
                .uint8s("bytes", new byte[] {1, 2})
                .bools("flags", new boolean[] {true, false})
                .tensor(MATRIX)
                .tensor("q", TensorType.Q8_0, List.of(2L, 32L), out -> out.accept(MemorySegment.ofArray(new byte[68])))
                .write(file);
        String seed = Files.readString(file, StandardCharsets.ISO_8859_1).replace("ALIGNMENT", "alignment");
        Fuzz.check(GgufFuzzer.class, List.of(seed.getBytes(StandardCharsets.ISO_8859_1)));
    }

    @Test
    void safetensors() throws Exception {
        Path file = folder.resolve("seed.safetensors");
        new SafetensorsWriter()
                .metadata("format", "pt")
                .tensor(MATRIX)
                .tensor(Tensor.of("b", new float[] {1}, 1))
                .write(file);
        String index = "I{\"metadata\":{\"total_size\":8},\"weight_map\":{\"a\":\"x-00001-of-00001.safetensors\"}}";
        Fuzz.check(SafetensorsFuzzer.class, List.of(Files.readAllBytes(file), index.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void llama2c() throws Exception {
        List<byte[]> seeds = new ArrayList<>();
        seeds.add(buffer(28 + 4 * 32)
                .putInt(2)
                .putInt(1)
                .putInt(1)
                .putInt(1)
                .putInt(1)
                .putInt(1)
                .putInt(1)
                .array());
        for (int version = 1; version <= 2; version++) {
            ByteBuffer file = buffer(256 + (version == 1 ? 4 * 30 : 4 * 6 + 24 + 4 * 12))
                    .putInt(0x616b3432)
                    .putInt(version);
            for (int i = 0; i < 7; i++) file.putInt(i == 0 ? 2 : 1);
            seeds.add(file.put((byte) 1).putInt(2).array());
        }
        ByteBuffer tokenizer = buffer(1 + 4 + 9 * 4).put((byte) 4).putInt(1);
        for (int i = 0; i < 4; i++) tokenizer.putFloat(i).putInt(1).put((byte) ('a' + i));
        seeds.add(tokenizer.array());
        Fuzz.check(Llama2cFuzzer.class, seeds);
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
