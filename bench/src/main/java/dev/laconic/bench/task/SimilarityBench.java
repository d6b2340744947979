package dev.laconic.bench.task;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import dev.laconic.core.error.LaconicException;
import dev.laconic.core.error.MalformedInputException;
import dev.laconic.model.Embedder;
import dev.laconic.tokenize.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.hipparchus.stat.correlation.SpearmansCorrelation;

/**
 * Whether texts are alike to a model that are alike to people: Spearman's rank correlation with people's scores, as the
 * semantic textual similarity benchmark measures it.
 *
 * @param vectors correlation of the vectors' cosine
 * @param words the same of the share of words that two texts have in common (Jaccard), which knows nothing
 * @param pairs of texts that were compared
 */
public record SimilarityBench(double vectors, double words, int pairs) {
    private static final int BATCH = 64;

    /** Two texts, and how alike people find them. */
    public record Pair(String first, String second, double score) {}

    /**
     * Reads lines of comma-separated values: two texts and a number.
     *
     * @throws MalformedInputException if a line is anything else, or there are fewer than two
     */
    public static List<Pair> read(Path file) {
        List<Pair> pairs = new ArrayList<>();
        try (CsvReader<CsvRecord> csv = CsvReader.builder()
                .allowExtraFields(true)
                .allowMissingFields(true)
                .ofCsvRecord(file)) {
            for (CsvRecord line : csv) {
                String at = "line " + line.getStartingLineNumber();
                if (line.getFieldCount() != 3)
                    throw new MalformedInputException(
                            file.toString(), at, line.getFieldCount() + " fields", "two texts and a score");
                pairs.add(new Pair(line.getField(0), line.getField(1), number(file, at, line.getField(2))));
            }
        } catch (CsvParseException e) {
            throw new LaconicException(file + ": not comma-separated values: " + e.getMessage(), e);
        } catch (IOException | UncheckedIOException e) {
            throw new LaconicException("cannot read " + file, e);
        }
        if (pairs.size() < 2)
            throw new MalformedInputException(file.toString(), "lines", pairs.size(), "two pairs of texts or more");
        return pairs;
    }

    private static double number(Path file, String at, String text) {
        try {
            double number = Double.parseDouble(text);
            if (Double.isFinite(number)) return number;
        } catch (NumberFormatException e) {
            // falls through to the error below
        }
        throw new MalformedInputException(file.toString(), at, text, "a number as its third field");
    }

    /**
     * Compares pairs of texts.
     *
     * @param embedder vectors of length 1
     * @param cancelled ends the run with the pairs that have been compared so far, which may be none
     */
    public static SimilarityBench of(
            Embedder embedder, Tokenizer tokenizer, List<Pair> pairs, BooleanSupplier cancelled) {
        double[][] found = new double[3][pairs.size()];
        int done = 0;
        while (done < pairs.size() && !cancelled.getAsBoolean()) {
            List<Pair> batch = pairs.subList(done, Math.min(pairs.size(), done + BATCH));
            List<float[]> first = embedder.embed(
                    SentenceBench.ids(tokenizer, batch.stream().map(Pair::first).toList()));
            List<float[]> second = embedder.embed(
                    SentenceBench.ids(tokenizer, batch.stream().map(Pair::second).toList()));
            for (int i = 0; i < batch.size(); i++, done++) {
                Pair pair = batch.get(i);
                found[0][done] = SentenceBench.dot(first.get(i), second.get(i));
                found[1][done] = SentenceBench.inCommon(SentenceBench.words(pair.first), SentenceBench.words(pair.second));
                found[2][done] = pair.score;
            }
        }
        return new SimilarityBench(correlation(found[0], found[2], done), correlation(found[1], found[2], done), done);
    }

    private static double correlation(double[] a, double[] b, int n) {
        if (n < 2) return Double.NaN;
        return new SpearmansCorrelation().correlation(Arrays.copyOf(a, n), Arrays.copyOf(b, n));
    }
}
