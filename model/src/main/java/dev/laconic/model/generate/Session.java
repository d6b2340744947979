package dev.laconic.model.generate;

import dev.laconic.core.ReceiptRecorder;
import dev.laconic.core.error.UsageException;
import dev.laconic.model.Logits;
import dev.laconic.model.Model;
import dev.laconic.model.Rows;
import dev.laconic.model.Sequence;
import dev.laconic.model.State;
import dev.laconic.model.kv.KvCache;
import dev.laconic.model.sample.Logprobs;
import dev.laconic.model.sample.Sampler;
import dev.laconic.model.sample.StopMatcher;
import dev.laconic.tokenize.StreamingDecoder;
import dev.laconic.tokenize.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One conversation with a model. Successive prompts that begin with what is already cached, as the turns of a chat do,
 * compute only what is new. Belongs to one thread at a time.
 *
 * <pre>{@code
 * try (Session session = new Session(model, tokenizer)) {
 *     int[] prompt = tokenizer.ids("Once upon a time", EncodeOptions.PROMPT);
 *     Answer answer = session.generate(prompt, options, GenerationListener.SILENT);
 *     System.out.println(answer.text());
 *     System.out.println(answer.receipt());
 * }
 * }</pre>
 */
public final class Session implements AutoCloseable {
    private final Model model;
    private final Tokenizer tokenizer;
    private final Sequence sequence;
    private final State state;
    private final PromptCache promptCache;
    private final Rows rows = new Rows();
    private int[] cached = new int[256];
    private int tokens;
    private long movedBefore;
    private final float[] logits;
    private long crossBytes;
    private long crossFullBytes;

    public Session(Model model, Tokenizer tokenizer) {
        this(model, tokenizer, model.newSequence());
    }

    /** A session over a sequence with storage types or hooks of its own; the session closes it. */
    public Session(Model model, Tokenizer tokenizer, Sequence sequence) {
        this(model, tokenizer, sequence, PromptCache.NONE);
    }

    /** A session whose prompts need not be computed where the cache knows them already. */
    public Session(Model model, Tokenizer tokenizer, Sequence sequence, PromptCache promptCache) {
        this.promptCache = promptCache;
        this.model = model;
        this.tokenizer = tokenizer;
        this.sequence = sequence;
        this.state = model.newState();
        this.logits = new float[model.vocabulary()];
    }

    public Sequence sequence() {
        return sequence;
    }

    /**
     * Continues a prompt, or answers it where the model has an encoder to read it.
     *
     * @param prompt all tokens of the text so far; if empty, the model's own begin-of-text token
     * @throws UsageException if the prompt does not fit into the model's context
     */
    public Answer generate(int[] prompt, GenerationOptions options, GenerationListener listener) {
        return generate(Prompt.of(prompt), options, listener);
    }

    /** The same for a prompt in pieces. */
    public Answer generate(Prompt given, GenerationOptions options, GenerationListener listener) {
        ReceiptRecorder recorder = new ReceiptRecorder(model.layers());
        Prompt prompt = given.length() > 0 ? given : Prompt.of(beginning());
        int[] ids = prompt.ids();
        int context = model.parameters().context();
        if (ids.length > context && !sequence.hooks().endless())
            throw new UsageException("the prompt has " + ids.length + " tokens, the model's context holds " + context
                    + ": shorten the prompt or take a model with a longer context");
        recorder.prompt(ids.length, ids.length);
        if (model.encoder().isPresent()) {
            ids = encoded(ids);
            prompt = Prompt.of(ids);
        }
        Sampler sampler = new Sampler(options.sampling(), model.vocabulary());
        for (int id : ids) sampler.accept(id);
        Run run = new Run(options, listener, recorder, sampler, ids);
        if (options.maxTokens() == 0 || !prefill(prompt, options.prefillChunk(), listener, recorder))
            return run.end(options.maxTokens() == 0 ? FinishReason.LENGTH : FinishReason.CANCELLED);
        return run.decode(context);
    }

    /** Gives the prompt to the encoder; the decoder begins anew, with its own first token. */
    private int[] encoded(int[] prompt) {
        sequence.truncate(0);
        model.encode(sequence, prompt);
        KvCache cross = sequence.crossCache().orElseThrow();
        crossBytes = cross.bytes();
        crossFullBytes = cross.fullBytes(prompt.length);
        return model.decoderStart().map(start -> new int[] {start}).orElseGet(this::beginning);
    }

    private int[] beginning() {
        int bos = tokenizer.special().bos().orElseThrow(
                () -> new UsageException("the prompt is empty and the model has no begin-of-text token: give a prompt"));
        return new int[] {bos};
    }

    /** Computes what of the prompt is not cached; false if cancelled on the way. */
    private boolean prefill(Prompt prompt, int chunk, GenerationListener listener, ReceiptRecorder recorder) {
        int[] ids = prompt.ids();
        int known = Math.min(tokens, ids.length - 1);
        int same = Arrays.mismatch(cached, 0, known, ids, 0, known);
        int done = same < 0 ? known : same;
        // Entries that were moved to other positions stand for the whole text so far or for nothing.
        if (done < tokens && sequence.length() != tokens) done = 0;
        if (done < tokens) sequence.truncate(done);
        tokens = done;
        // What a decoder computes depends on what its encoder read, which no prompt says.
        PromptCache shared = model.encoder().isPresent() || sequence.length() != done ? PromptCache.NONE : promptCache;
        PromptCache.Filled filled =
                shared.fill(prompt, done, sequence, state, recorder, listener::cancelled);
        recorder.reused(filled.reused());
        done = filled.tokens();
        tokens = 0;
        note(ids, 0, done);
        int context = model.parameters().context();
        while (done < ids.length) {
            if (listener.cancelled()) return false;
            int room = sequence.length() < context ? context - sequence.length() : chunk;
            int end = Math.min(ids.length, done + Math.min(chunk, room));
            sequence.prefill(ids.length, end == ids.length);
            step(ids, done, end, end == ids.length, recorder);
            done = end;
            listener.prefilled(done, ids.length);
        }
        shared.keep(prompt, sequence);
        sequence.decode();
        return true;
    }

    /** Runs tokens {@code from} to {@code to} through the model; the last one's logits are projected if wanted. */
    private void step(int[] ids, int from, int to, boolean wantsLogits, ReceiptRecorder recorder) {
        int position = sequence.length();
        note(ids, from, to);
        rows.clear().span(sequence, model.architecture().mask());
        for (int i = from; i < to; i++) rows.token(ids[i], position++, wantsLogits && i == to - 1);
        model.advance(model.embed(rows, state).logitsOnly());
        recorder.rows(0, model.layers(), to - from);
        long moved = sequence.movedBytes();
        recorder.kvMoved(moved - movedBefore);
        movedBefore = moved;
        recorder.kv(sequence.hotBytes() + crossBytes, sequence.coldBytes(),
                sequence.cache().fullBytes(tokens) + crossFullBytes);
        recorder.kvPeak(sequence.peakBytes() + crossBytes);
        if (!wantsLogits) return;
        Logits projected = model.project(state);
        System.arraycopy(projected.values(), projected.offset(0), logits, 0, logits.length);
        recorder.forwardPass();
    }

    /** Remembers tokens that are cached. */
    private void note(int[] ids, int from, int to) {
        if (cached.length < tokens + to - from) cached = Arrays.copyOf(cached, 2 * (tokens + to - from));
        System.arraycopy(ids, from, cached, tokens, to - from);
        tokens += to - from;
    }

    /** What changes while one answer is made. */
    private final class Run {
        private final GenerationOptions options;
        private final GenerationListener listener;
        private final ReceiptRecorder recorder;
        private final Sampler sampler;
        private final StopMatcher stops;
        private final StreamingDecoder decoder;
        private final StringBuilder text = new StringBuilder();
        private final List<Integer> answer = new ArrayList<>();
        private final List<Answer.TokenLogprobs> logprobs = new ArrayList<>();

        Run(GenerationOptions options, GenerationListener listener, ReceiptRecorder recorder, Sampler sampler, int[] prompt) {
            this.options = options;
            this.listener = listener;
            this.recorder = recorder;
            this.sampler = sampler;
            stops = new StopMatcher(options.sampling());
            decoder = tokenizer.streamingDecoder();
            // The first piece of the answer is spelt as it is in the middle of a text, if there is text before it.
            for (int id : prompt) if (!tokenizer.isControl(id)) decoder.next(id);
        }

        Answer decode(int context) {
            int[] next = new int[1];
            while (true) {
                int id = sampler.sample(logits);
                if (stops.stopsAt(id) || !options.ignoreEnd() && tokenizer.special().endOfGeneration().contains(id)) {
                    recorder.emitted(1);
                    return end(FinishReason.STOP);
                }
                sampler.accept(id);
                answer.add(id);
                sampler.logprobs().ifPresent(this::record);
                recorder.emitted(1);
                emit(stops.push(decoder.next(id)));
                if (stops.matched().isPresent()) return end(FinishReason.STOP);
                if (answer.size() == options.maxTokens()) return end(FinishReason.LENGTH);
                if (sequence.length() >= context && !sequence.hooks().endless()) return end(FinishReason.CONTEXT);
                if (listener.cancelled()) return end(FinishReason.CANCELLED);
                next[0] = id;
                step(next, 0, 1, true, recorder);
            }
        }

        Answer end(FinishReason finish) {
            emit(stops.push(decoder.finish()));
            emit(stops.finish());
            recorder.kernels(model.kernels().used());
            return new Answer(text.toString(), answer, finish, logprobs, recorder.receipt());
        }

        private void emit(String piece) {
            if (piece.isEmpty()) return;
            text.append(piece);
            listener.text(piece);
        }

        private void record(Logprobs found) {
            List<Answer.Alternative> top = new ArrayList<>(found.size());
            for (int rank = 0; rank < found.size(); rank++)
                top.add(new Answer.Alternative(found.id(rank), found.of(found.id(rank))));
            logprobs.add(new Answer.TokenLogprobs(found.chosen(), found.of(found.chosen()), top));
        }
    }

    @Override
    public void close() {
        sequence.close();
    }
}
