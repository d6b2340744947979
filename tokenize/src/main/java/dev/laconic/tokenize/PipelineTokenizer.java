package dev.laconic.tokenize;

import dev.laconic.tokenize.subword.SubwordModel;
import dev.laconic.tokenize.text.Normalizer;
import dev.laconic.tokenize.text.PieceSink;
import dev.laconic.tokenize.text.PreTokenizer;
import dev.laconic.tokenize.text.Text;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A tokenizer in stages: tokens spelt in the text are taken out, the rest is normalized, tokens spelt in the normal form
 * are taken out, the rest is cut into pieces, and the model turns each piece into tokens.
 */
final class PipelineTokenizer implements Tokenizer {
    private static final int POOLED = 8;
    private static final int LONGEST_KEPT = 1 << 20;

    private final Vocabulary vocabulary;
    private final Partition raw;
    private final Optional<Normalizer> normalizer;
    private final Partition normalized;
    private final PreTokenizer preTokenizer;
    private final SubwordModel model;
    private final int[] before;
    private final int[] after;
    private final Detokenizer detokenizer;
    private final SpecialTokens special;
    private final ConcurrentLinkedQueue<Session> idle = new ConcurrentLinkedQueue<>();
    private final AtomicInteger idleCount = new AtomicInteger();

    /**
     * @param raw tokens taken out of the text as it is
     * @param normalized tokens taken out of the normal form
     * @param before special tokens that begin a text
     * @param after special tokens that end a text
     */
    PipelineTokenizer(
            Vocabulary vocabulary,
            Partition raw,
            Optional<Normalizer> normalizer,
            Partition normalized,
            PreTokenizer preTokenizer,
            SubwordModel model,
            int[] before,
            int[] after,
            Detokenizer detokenizer,
            SpecialTokens special) {
        this.vocabulary = vocabulary;
        this.raw = raw;
        this.normalizer = normalizer;
        this.normalized = normalized;
        this.preTokenizer = preTokenizer;
        this.model = model;
        this.before = before;
        this.after = after;
        this.detokenizer = detokenizer;
        this.special = special;
    }

    @Override
    public Encoding encode(String text, EncodeOptions options) {
        Session session = take();
        session.run(text, options);
        Encoding encoding = session.tokens.encoding();
        give(session, text.length());
        return encoding;
    }

    @Override
    public int[] ids(String text, EncodeOptions options) {
        Session session = take();
        session.run(text, options);
        int[] ids = session.tokens.ids();
        give(session, text.length());
        return ids;
    }

    @Override
    public int count(String text, EncodeOptions options) {
        Session session = take();
        session.run(text, options);
        int count = session.tokens.size();
        give(session, text.length());
        return count;
    }

    @Override
    public byte[] bytes(int[] ids, boolean special) {
        return detokenizer.bytes(ids, special);
    }

    @Override
    public StreamingDecoder streamingDecoder() {
        return detokenizer.stream();
    }

    @Override
    public int vocabularySize() {
        return vocabulary.size();
    }

    @Override
    public String token(int id) {
        return vocabulary.token(id);
    }

    @Override
    public OptionalInt id(String token) {
        return vocabulary.id(token);
    }

    @Override
    public boolean isControl(int id) {
        return vocabulary.isControl(id);
    }

    @Override
    public SpecialTokens special() {
        return special;
    }

    private Session take() {
        Session session = idle.poll();
        if (session == null) return new Session();
        idleCount.decrementAndGet();
        return session;
    }

    /** A session whose run failed is not given back. */
    private void give(Session session, int length) {
        if (length > LONGEST_KEPT || idleCount.get() >= POOLED) return;
        idleCount.incrementAndGet();
        idle.add(session);
    }

    /** The working state of one thread. */
    private final class Session {
        private final Text text = new Text();
        private final Text normal = new Text();
        private final TokenBuffer tokens = new TokenBuffer();
        private final PieceSink pieces = preTokenizer.open(model.open(tokens));
        private final Optional<Normalizer> rewrites = normalizer.map(Normalizer::working);
        private boolean parseSpecial;
        private final Partition.Parts rawParts = parts(text, this::normalize);
        private final Partition.Parts normalizedParts =
                parts(normal, (in, from, to) -> pieces.piece(in, from, to));

        private Partition.Parts parts(Text source, PieceSink sink) {
            return new Partition.Parts() {
                @Override
                public void text(int from, int to) {
                    sink.piece(source, from, to);
                }

                @Override
                public void token(int id, int from, int to) {
                    tokens.token(id, source, from, to);
                }
            };
        }

        void run(String source, EncodeOptions options) {
            tokens.clear();
            text.set(source);
            parseSpecial = options.parseSpecial();
            if (options.addSpecial()) for (int id : before) tokens.add(id, 0, 0);
            raw.split(text, parseSpecial, rawParts);
            if (options.addSpecial()) for (int id : after) tokens.add(id, source.length(), source.length());
        }

        private void normalize(Text in, int from, int to) {
            if (rewrites.isEmpty() && normalized == Partition.NONE) {
                pieces.piece(in, from, to);
                return;
            }
            normal.clear();
            if (rewrites.isPresent()) rewrites.get().normalize(in, from, to, normal);
            else normal.append(in, from, to);
            normalized.split(normal, parseSpecial, normalizedParts);
        }
    }
}
