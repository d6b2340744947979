package dev.laconic.tokenize;

import dev.laconic.tokenize.subword.ByteTokens;
import dev.laconic.tokenize.text.ByteAlphabet;
import dev.laconic.tokenize.text.Normalizer;
import dev.laconic.tokenize.text.Text;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A step from the spellings of tokens to text, as {@code tokenizer.json} files name them. */
@FunctionalInterface
interface TokenDecoder {

    /** @return what to hand to the next step; put together in the end */
    List<String> decode(List<String> tokens);

    /** All tokens as one. */
    TokenDecoder FUSE = tokens -> List.of(String.join("", tokens));

    /** GPT-2's spelling back to bytes, and these to text. */
    TokenDecoder BYTE_LEVEL = tokens -> {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (String token : tokens) bytes.writeBytes(spelt(token));
        return List.of(bytes.toString(StandardCharsets.UTF_8));
    };

    /** Runs of byte tokens become the text they spell, or one U+FFFD for each byte if they spell none. */
    TokenDecoder BYTE_FALLBACK = tokens -> {
        List<String> out = new ArrayList<>();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (String token : tokens) {
            int b = ByteTokens.parse(token);
            if (b >= 0) {
                bytes.write(b);
                continue;
            }
            flush(bytes, out);
            out.add(token);
        }
        flush(bytes, out);
        return out;
    };

    static TokenDecoder sequence(List<TokenDecoder> steps) {
        return tokens -> {
            List<String> current = tokens;
            for (TokenDecoder step : steps) current = step.decode(current);
            return current;
        };
    }

    /** Each token by itself. */
    static TokenDecoder each(Normalizer normalizer) {
        return tokens -> {
            List<String> out = new ArrayList<>(tokens.size());
            for (String token : tokens) {
                Text in = new Text();
                in.set(token);
                Text rewritten = new Text();
                rewritten.clear();
                normalizer.working().normalize(in, 0, in.length(), rewritten);
                out.add(rewritten.toString());
            }
            return out;
        };
    }

    /** Up to so many of {@code content} at the ends of each token go. */
    static TokenDecoder strip(int content, int start, int stop) {
        String stripped = Character.toString(content);
        return tokens -> {
            List<String> out = new ArrayList<>(tokens.size());
            for (String token : tokens) {
                String rest = token;
                for (int i = 0; i < start && rest.startsWith(stripped); i++) rest = rest.substring(stripped.length());
                for (int i = 0; i < stop && rest.endsWith(stripped); i++)
                    rest = rest.substring(0, rest.length() - stripped.length());
                out.add(rest);
            }
            return out;
        };
    }

    /** The mark becomes a space; that of the first token goes if one was put there. */
    static TokenDecoder metaspace(char mark, boolean prepended) {
        return tokens -> {
            List<String> out = new ArrayList<>(tokens.size());
            for (String token : tokens) {
                boolean first = out.isEmpty() && prepended;
                out.add(first ? token.replace(String.valueOf(mark), "") : token.replace(mark, ' '));
            }
            return out;
        };
    }

    /** Tokens that do not continue a word get a space before them. */
    static TokenDecoder wordPiece(String prefix, boolean cleanUp) {
        return tokens -> {
            List<String> out = new ArrayList<>(tokens.size());
            for (String token : tokens) {
                String text = out.isEmpty()
                        ? token
                        : token.startsWith(prefix) ? token.substring(prefix.length()) : " " + token;
                out.add(cleanUp ? cleanUp(text) : text);
            }
            return out;
        };
    }

    /** The mark of a word's end becomes a space, except in the last token. */
    static TokenDecoder wordEnds(String suffix) {
        return tokens -> {
            List<String> out = new ArrayList<>(tokens.size());
            for (String token : tokens)
                out.add(token.replace(suffix, out.size() == tokens.size() - 1 ? "" : " "));
            return out;
        };
    }

    /** Of equal neighbours one stays, and the padding goes. */
    static TokenDecoder connectionist(String pad, String wordDelimiter, boolean cleanUp) {
        return tokens -> {
            List<String> out = new ArrayList<>();
            String previous = null;
            for (String token : tokens) {
                boolean repeated = token.equals(previous);
                previous = token;
                if (repeated) continue;
                String text = token.replace(pad, "");
                if (cleanUp) text = cleanUp(text).replace(wordDelimiter, " ");
                if (!text.isEmpty()) out.add(text);
            }
            return out;
        };
    }

    /** The bytes that a token spells in GPT-2's alphabet, or its own if it is not spelt in it. */
    static byte[] spelt(String token) {
        byte[] bytes = new byte[token.length()];
        for (int i = 0; i < bytes.length; i++) {
            int b = ByteAlphabet.toByte(token.charAt(i));
            if (b < 0) return token.getBytes(StandardCharsets.UTF_8);
            bytes[i] = (byte) b;
        }
        return bytes;
    }

    private static String cleanUp(String text) {
        return text.replace(" .", ".")
                .replace(" ?", "?")
                .replace(" !", "!")
                .replace(" ,", ",")
                .replace(" ' ", "'")
                .replace(" n't", "n't")
                .replace(" 'm", "'m")
                .replace(" do not", " don't")
                .replace(" 's", "'s")
                .replace(" 've", "'ve")
                .replace(" 're", "'re");
    }

    private static void flush(ByteArrayOutputStream bytes, List<String> out) {
        if (bytes.size() == 0) return;
        try {
            out.add(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString());
        } catch (CharacterCodingException e) {
            for (int i = 0; i < bytes.size(); i++) out.add("\uFFFD");
        }
        bytes.reset();
    }
}
