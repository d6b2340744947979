package dev.laconic.bench.task;

import com.github.luben.zstd.Zstd;
import dev.laconic.model.Model;
import dev.laconic.model.generate.Perplexity;
import dev.laconic.tokenize.EncodeOptions;
import dev.laconic.tokenize.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** Has a model predict a text, and compressors compress the very bytes it predicted. */
public final class TextBench {
    private static final int ZSTD_LEVEL = 19;

    private final Model model;
    private final Tokenizer tokenizer;
    private final int context;

    /** @param context tokens of a window; the text is cut into these */
    public TextBench(Model model, Tokenizer tokenizer, int context) {
        this.model = model;
        this.tokenizer = tokenizer;
        this.context = context;
    }

    /**
     * The first tokens of a text.
     *
     * @param name for the report
     * @param most tokens
     * @param cancelled ends the measurement with what has been counted so far
     */
    public TextResult run(String name, String text, int most, Perplexity.Progress progress, BooleanSupplier cancelled) {
        int[] ids = tokenizer.ids(text, EncodeOptions.PLAIN);
        int count = Math.min(most, ids.length);
        Perplexity measured =
                Perplexity.of(model, tokenizer, ids, count, context, model::newSequence, progress, cancelled);
        byte[] bytes = tokenizer.bytes(Arrays.copyOf(ids, count), false);
        return new TextResult(
                name,
                measured.tokens(),
                bytes.length,
                measured.bitsPerByte(),
                bits(bytes, gzip(bytes)),
                bits(bytes, Zstd.compress(bytes, ZSTD_LEVEL).length),
                bits(bytes, xz(bytes)));
    }

    private static double bits(byte[] text, int compressed) {
        return 8.0 * compressed / text.length;
    }

    private static int gzip(byte[] bytes) {
        return compressed(bytes, out -> new GZIPOutputStream(out) {
            {
                def.setLevel(Deflater.BEST_COMPRESSION);
            }
        });
    }

    private static int xz(byte[] bytes) {
        return compressed(bytes, out -> new XZOutputStream(out, new LZMA2Options(LZMA2Options.PRESET_MAX)));
    }

    private interface Compressor {
        OutputStream over(OutputStream out) throws IOException;
    }

    private static int compressed(byte[] bytes, Compressor compressor) {
        ByteArrayOutputStream result = new ByteArrayOutputStream();
        try (OutputStream out = compressor.over(result)) {
            out.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return result.size();
    }
}
