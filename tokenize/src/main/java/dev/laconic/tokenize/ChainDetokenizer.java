package dev.laconic.tokenize;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;

/** Decodes by a chain of steps over the spellings of all tokens. */
final class ChainDetokenizer implements Detokenizer {
    private static final char UNFINISHED = '\uFFFD';
    /** A stream of this many tokens without an end is broken, and is given out as it is. */
    private static final int LONGEST_WINDOW = 256;

    private final int size;
    private final IntFunction<String> spelling;
    private final BitSet control;
    private final TokenDecoder chain;

    ChainDetokenizer(int size, IntFunction<String> spelling, BitSet control, TokenDecoder chain) {
        this.size = size;
        this.spelling = spelling;
        this.control = control;
        this.chain = chain;
    }

    @Override
    public byte[] bytes(int[] ids, boolean special) {
        List<String> tokens = new ArrayList<>(ids.length);
        for (int id : ids) {
            Objects.checkIndex(id, size);
            if (special || !control.get(id)) tokens.add(spelling.apply(id));
        }
        return text(tokens).getBytes(StandardCharsets.UTF_8);
    }

    private String text(List<String> tokens) {
        return tokens.isEmpty() ? "" : String.join("", chain.decode(tokens));
    }

    @Override
    public StreamingDecoder stream() {
        return new Stream();
    }

    /**
     * Decodes the last tokens twice, with and without the new one, and gives the difference: those before it are there
     * because a token's text depends on what stands before.
     */
    private final class Stream implements StreamingDecoder {
        private final List<String> window = new ArrayList<>();
        private int read;
        private int given;

        @Override
        public void next(int id, StringBuilder out) {
            Objects.checkIndex(id, size);
            if (control.get(id)) return;
            window.add(spelling.apply(id));
            String text = text(window);
            boolean unfinished = text.length() <= given || text.charAt(text.length() - 1) == UNFINISHED;
            if (unfinished && window.size() < LONGEST_WINDOW) return;
            if (text.length() > given) out.append(text, given, text.length());
            window.subList(0, read).clear();
            read = window.size();
            given = text(window).length();
        }

        @Override
        public void finish(StringBuilder out) {
            String text = text(window);
            if (text.length() > given) out.append(text, given, text.length());
            window.clear();
            read = 0;
            given = 0;
        }
    }
}
