package dev.laconic.format.llama2c;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.format.io.ByteReader;
import dev.laconic.format.io.MappedFile;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SequencedMap;

/**
 * The tokens of a llama2.c tokenizer file: the longest token's length, then for each token its score, its length and
 * its text, in which a space stands for SentencePiece's U+2581. How many there are, only the model says.
 */
record Vocabulary(List<String> tokens, float[] scores) {
    private static final int UNKNOWN = 0;
    private static final int BEGIN = 1;
    private static final int END = 2;
    private static final int FIRST_BYTE = 3;
    private static final int BYTES = 256;

    private static final long TYPE_NORMAL = 1;
    private static final long TYPE_UNKNOWN = 2;
    private static final long TYPE_CONTROL = 3;
    private static final long TYPE_BYTE = 6;

    static Vocabulary read(Path file, int count) {
        try (Arena arena = Arena.ofConfined()) {
            return read(file.toString(), new ByteReader(file.toString(), MappedFile.map(file, arena)), count);
        }
    }

    static Vocabulary read(String source, ByteReader in, int count) {
        in.int32("longest token");
        if (in.remaining() / 8 < count)
            throw new MalformedInputException(
                    source, "tokens", in.remaining() + " bytes", count + " tokens, as the model's vocab_size says");
        List<String> tokens = new ArrayList<>(count);
        float[] scores = new float[count];
        for (int i = 0; i < count; i++) {
            String field = "token " + i;
            scores[i] = in.float32(field);
            tokens.add(in.utf8(in.uint32(field), field).replace(' ', '\u2581'));
        }
        if (in.remaining() > 0)
            throw new MalformedInputException(
                    source, "tokens", in.remaining() + " more bytes", "no more than the model's vocab_size " + count);
        if (count > END) {
            tokens.set(BEGIN, "<s>");
            tokens.set(END, "</s>");
        }
        return new Vocabulary(tokens, scores);
    }

    /** Adds the tokenizer's part of a llama model's GGUF metadata. */
    void describe(SequencedMap<String, Object> values) {
        values.put("tokenizer.ggml.model", "llama");
        values.put("tokenizer.ggml.pre", "default");
        values.put("tokenizer.ggml.tokens", tokens);
        values.put("tokenizer.ggml.scores", scores);
        values.put("tokenizer.ggml.token_type", types());
        values.put("tokenizer.ggml.bos_token_id", (long) BEGIN);
        values.put("tokenizer.ggml.eos_token_id", (long) END);
        values.put("tokenizer.ggml.eot_token_id", (long) BEGIN);
        values.put("tokenizer.ggml.unknown_token_id", (long) UNKNOWN);
        values.put("tokenizer.ggml.add_bos_token", true);
        values.put("tokenizer.ggml.add_eos_token", false);
        values.put("tokenizer.ggml.add_space_prefix", true);
    }

    private long[] types() {
        long[] types = new long[tokens.size()];
        Arrays.fill(types, TYPE_NORMAL);
        for (int i = 0; i < types.length && i < FIRST_BYTE; i++) types[i] = i == UNKNOWN ? TYPE_UNKNOWN : TYPE_CONTROL;
        for (int i = FIRST_BYTE; i < types.length && i < FIRST_BYTE + BYTES; i++)
            if (tokens.get(i).equals(String.format("<0x%02X>", i - FIRST_BYTE))) types[i] = TYPE_BYTE;
        return types;
    }
}
