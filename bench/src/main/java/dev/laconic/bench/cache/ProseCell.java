package dev.laconic.bench.cache;

import dev.laconic.core.Receipt;
import dev.laconic.model.Sequence;
import dev.laconic.model.State;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;

/**
 * How well a text is predicted, token by token. Its beginning is read as a prompt and compressed; every token after it
 * counts. Where positions would leave the model's context the last tokens are read again as a new prompt, unless the
 * technique keeps positions within the context however long the text is.
 */
final class ProseCell {
    private final Subject subject;
    private final State state;
    private final BooleanSupplier cancelled;
    private final int[] ids;
    private final int prompt;
    private Reading full = new Reading(0, 0, 0, 0);

    /** What reading the text came to: mean negative log-likelihood in nats, bytes, nanoseconds a token. */
    private record Reading(double loss, long bytes, long peak, double nanos) {}

    /** @param prompt tokens that are read before the first one that counts */
    ProseCell(Subject subject, State state, BooleanSupplier cancelled, int[] ids, int prompt) {
        this.subject = subject;
        this.state = state;
        this.cancelled = cancelled;
        this.ids = ids;
        this.prompt = prompt;
    }

    /** The row of a contender; the first one keeps everything. */
    CacheRow row(Contender contender) {
        Map<String, Object> values = new LinkedHashMap<>();
        contender.attempt(() -> {
            Reading reading = read(contender);
            if (full.bytes == 0) full = reading;
            values.put("bytes", reading.bytes);
            values.put("peakBytes", reading.peak);
            values.put("bytesRatio", Numbers.rounded((double) reading.bytes / full.bytes));
            values.put("peakBytesRatio", Numbers.rounded((double) reading.peak / full.bytes));
            values.put("perplexity", Numbers.rounded(Math.exp(reading.loss)));
            values.put("perplexityRatio", Numbers.rounded(Math.exp(reading.loss - full.loss)));
            values.put("n", ids.length - prompt);
            values.put("tptMs", Numbers.rounded(reading.nanos / 1e6));
            values.put("tptRatio", Numbers.rounded(reading.nanos / full.nanos));
        });
        return contender.row(CacheRow.PERPLEXITY, "", ids.length, values);
    }

    private Reading read(Contender contender) {
        double loss = 0;
        long peak = 0;
        int at = prompt;
        Receipt receipt;
        long start = System.nanoTime();
        do {
            try (Sequence sequence = contender.attach(subject.model().newSequence())) {
                Reader reader = new Reader(subject.model(), sequence, state, cancelled);
                int[] beginning = beginning(at);
                reader.prompt(beginning, beginning.length);
                boolean endless = sequence.hooks().endless();
                while (true) {
                    loss -= reader.logProbability(ids[at++]);
                    if (at == ids.length || !endless && sequence.length() == subject.model().parameters().context()) break;
                    reader.tokens(ids, at - 1, at);
                }
                receipt = reader.receipt();
                peak = Math.max(peak, receipt.kvBytesPeak());
            }
        } while (at < ids.length);
        int counted = ids.length - prompt;
        return new Reading(loss / counted, receipt.kvBytesHeld(), peak, (System.nanoTime() - start) / (double) counted);
    }

    /** The tokens before {@code end}, after the model's token for a text's beginning. */
    private int[] beginning(int end) {
        int[] tokens = Arrays.copyOfRange(ids, end - prompt, end);
        OptionalInt bos = subject.tokenizer().special().bos();
        if (bos.isEmpty()) return tokens;
        int[] all = new int[prompt + 1];
        all[0] = bos.getAsInt();
        System.arraycopy(tokens, 0, all, 1, prompt);
        return all;
    }
}
