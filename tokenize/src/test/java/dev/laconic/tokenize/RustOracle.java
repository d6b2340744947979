package dev.laconic.tokenize;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Assumptions;

/** Hugging Face's own library, where its native part can be loaded. */
final class RustOracle implements AutoCloseable {
    private final HuggingFaceTokenizer tokenizer;

    private RustOracle(HuggingFaceTokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    static RustOracle open(Path file) {
        System.setProperty("OPT_OUT_TRACKING", "true");
        System.setProperty("ai.djl.offline", "true");
        try {
            return new RustOracle(HuggingFaceTokenizer.builder()
                    .optTokenizerPath(file)
                    .optTruncation(false)
                    .optPadding(false)
                    .build());
        } catch (IOException | UnsatisfiedLinkError | IllegalStateException | ExceptionInInitializerError e) {
            Assumptions.abort("skipped: the native tokenizers cannot be loaded here: " + e);
            throw new AssertionError("unreachable", e);
        }
    }

    /** Special tokens spelt in the text are parsed. */
    int[] ids(String text, boolean addSpecial) {
        return Arrays.stream(tokenizer.encode(text, addSpecial, false).getIds())
                .mapToInt(Math::toIntExact)
                .toArray();
    }

    /** Special tokens left out. */
    String decode(int[] ids) {
        return tokenizer.decode(Arrays.stream(ids).asLongStream().toArray(), true);
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
