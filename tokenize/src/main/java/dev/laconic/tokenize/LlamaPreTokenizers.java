package dev.laconic.tokenize;

import static dev.laconic.tokenize.text.WordLexer.Contractions.ANY_CASE;
import static dev.laconic.tokenize.text.WordLexer.Contractions.NONE;

import dev.laconic.tokenize.text.BoundedRegex;
import dev.laconic.tokenize.text.ByteAlphabet;
import dev.laconic.tokenize.text.Gpt2Lexer;
import dev.laconic.tokenize.text.Lexers;
import dev.laconic.tokenize.text.PreTokenizer;
import dev.laconic.tokenize.text.Split;
import dev.laconic.tokenize.text.TextPattern;
import dev.laconic.tokenize.text.WordLexer;
import dev.laconic.tokenize.text.WordLexer.Words;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The pre-tokenizers that GGUF files name in {@code tokenizer.ggml.pre}, each with the settings that come with the name.
 * Patterns are those of llama.cpp, which reads some of the original ones more coarsely than their authors.
 */
final class LlamaPreTokenizers {

    /**
     * @param patterns applied one after another, each to the pieces of the one before
     * @param spellBytes pieces are spelt in GPT-2's byte alphabet; otherwise they keep their characters
     * @param ignoreMerges a piece that is a token is that token
     * @param addBos BOS begins a text unless the file says otherwise
     * @param cleanSpaces decoded text loses the spaces before punctuation
     * @param escapeSpaces spaces are spelt U+2581
     */
    record Named(
            List<TextPattern> patterns,
            boolean spellBytes,
            boolean ignoreMerges,
            boolean addBos,
            boolean cleanSpaces,
            boolean escapeSpaces) {

        PreTokenizer preTokenizer() {
            List<PreTokenizer> stages = new ArrayList<>();
            for (TextPattern pattern : patterns) stages.add(Split.isolated(pattern));
            if (spellBytes) stages.add(ByteAlphabet.speller());
            return PreTokenizer.sequence(stages);
        }

        private Named ignoringMerges() {
            return new Named(patterns, spellBytes, true, addBos, cleanSpaces, escapeSpaces);
        }

        private Named withBos() {
            return new Named(patterns, spellBytes, ignoreMerges, true, cleanSpaces, escapeSpaces);
        }

        private Named keepingSpaces() {
            return new Named(patterns, spellBytes, ignoreMerges, addBos, false, escapeSpaces);
        }

        private Named escapingSpaces() {
            return new Named(patterns, false, ignoreMerges, addBos, cleanSpaces, true);
        }

        private Named withoutByteSpelling() {
            return new Named(patterns, false, ignoreMerges, addBos, cleanSpaces, escapeSpaces);
        }
    }

    private static final String SPACE = "\\p{IsWhite_Space}";
    private static final String NOT_SPACE = "&&\\P{IsWhite_Space}]";
    /** Letters with case, as the files of the first DeepSeek models list them. */
    private static final String DEEPSEEK_LETTERS = "A-Za-z\u00B5\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u01BA\u01BC-\u01BF\u01C4-\u0293\u0295-\u02AF\u0370"
            + "-\u0373\u0376\u0377\u037B-\u037D\u037F\u0386\u0388-\u038A\u038C\u038E-\u03A1\u03A3-\u03F5\u03F7-"
            + "\u0481\u048A-\u052F\u0531-\u0556\u10A0-\u10C5\u13A0-\u13F5\u13F8-\u13FD\u1C90-\u1CBA\u1CBD-\u1CBF"
            + "\u1D00-\u1D2B\u1D6B-\u1D77\u1D79-\u1D9A\u1E00-\u1F15\u1F18-\u1F1D\u1F20-\u1F45\u1F48-\u1F4D\u1F50"
            + "-\u1F57\u1F59\u1F5B\u1F5D\u1F5F-\u1F7D\u1F80-\u1FB4\u1FB6-\u1FBC\u1FBE\u1FC2-\u1FC4\u1FC6-\u1FCC"
            + "\u1FD0-\u1FD3\u1FD6-\u1FDB\u1FE0-\u1FEC\u1FF2-\u1FF4\u1FF6-\u1FFC\u2102\u2107\u210A-\u2113\u2115"
            + "\u2119-\u211D\u2124\u2126\u2128\u212A-\u212D\u212F-\u2134\u2139\u213C-\u213F\u2145-\u2149\u214E\u2183"
            + "\u2184\u2C00-\u2C7B\u2C7E-\u2CE4\u2CEB-\u2CEE\u2CF2\u2CF3\uA640-\uA66D\uA680-\uA69B\uA722-\uA76F"
            + "\uA771-\uA787\uA78B-\uA78E\uAB70-\uABBF\uFB00-\uFB06\uFB13-\uFB17\uFF21-\uFF3A\uFF41-\uFF5A\uD801\uDC00"
            + "-\uD801\uDC4F\uD801\uDCB0-\uD801\uDCD3\uD801\uDCD8-\uD801\uDCFB\uD803\uDC80-\uD803\uDCB2\uD803\uDCC0"
            + "-\uD803\uDCF2\uD806\uDCA0-\uD806\uDCDF\uD83A\uDD00-\uD83A\uDD43";
    /** ASCII and fullwidth punctuation. */
    private static final String DEEPSEEK_PUNCTUATION = "!-/:-~\uFF01-\uFF0F\uFF1A-\uFF5E\u2018-\u201F\u3000-\u3002";
    /** From Samaritan to the end of Hangul, with gaps. */
    private static final String DEEPSEEK_EAST_ASIAN = "\u4E00-\u9FA5\u0800-\u4E00\uAC00-\uD7FF";
    /** Chinese characters and kana. */
    private static final String HAN_AND_KANA = "\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF";
    /** Scripts that are written without spaces. */
    private static final String AFMOE_SCRIPTS = "\u4E00-\u9FFF\u3400-\u4DBF\u8C48-\uFAFF\u3040-\u309F\u30A0-\u30FF\uFF65-\uFF9F\u2F00-\u2FDF\u0E40"
            + "-\u0E7F\u0E80-\u0EFF\u1780-\u17FF\u1000-\u109F\uAA60-\uAA7F\uA9E0-\uA9FF\uAC00-\uD7AF\u1100-\u11FF";
    /** Hangul, fullwidth punctuation, bopomofo, and Chinese characters with kana. */
    private static final String YOUTU_SCRIPTS = "[\uAC00-\uD7A3\u3131-\u318E]+|[\uFF01\u2026\u201C\u201D\u2018\u2019\u2014\uFF1A\uFF1B\uFF0C\u3001"
            + "-\u303F\uFE30-\uFE4F]+|[\u3105-\u312F]+|[\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]+";
    private static final String LINE_ENDS = "\r\n";
    private static final int UNLIMITED = Integer.MAX_VALUE;
    private static final TextPattern GPT2 = new Gpt2Lexer();
    private static final Map<String, Named> BY_NAME = new TreeMap<>();

    static {
        put(of(
                        regex("[\\p{P}$+<=>^~|]+"),
                        GPT2,
                        Lexers.DIGITS,
                        regex("[0-9][0-9][0-9]")),
                "default");
        put(of(GPT2), "gpt-2", "phi-2", "jina-es", "jina-de", "gigachat", "jina-v2-es", "jina-v2-de", "a.x-4.0", "mellum",
                "modern-bert", "jina-v1-en", "jina-v2-code", "roberta-bpe", "mpt", "olmo", "jais", "exaone4");
        put(of(GPT2).keepingSpaces(), "trillion", "granite-docling");
        put(of(WordLexer.LLAMA3).ignoringMerges().withBos(), "llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1",
                "pixtral", "midm-2.0", "lfm2", "jina-v5-nano");
        put(of(WordLexer.LLAMA3), "dbrx", "smaug-bpe", "glm4", "chatglm-bpe");
        put(of(WordLexer.QWEN2).keepingSpaces(), "qwen2", "deepseek-r1-qwen", "kormo", "f2llmv2", "hunyuan", "solar-open",
                "grok-2", "bailingmoe", "bailingmoe2", "llada-moe");
        put(of(WordLexer.QWEN2), "stablelm2", "megrez");
        put(of(WordLexer.QWEN35).keepingSpaces(), "qwen35");
        put(of(Lexers.DIGIT, GPT2), "starcoder", "refact", "codeshell", "exaone", "minerva-7b", "mellum2");
        put(of(Lexers.DIGIT, GPT2).keepingSpaces(), "command-r", "smollm");
        put(of(regex("[\\p{P}$+<=>^~|`]+"), GPT2, regex("[0-9][0-9][0-9]")), "falcon");
        put(of(Lexers.LINES, WordLexer.QWEN2).keepingSpaces(), "laguna");
        put(of(new WordLexer(NONE, false, Words.LETTERS, 1, LINE_ENDS, UNLIMITED)).keepingSpaces(), "ufakzeka");
        put(of(
                        Lexers.DIGITS_BY_THREE,
                        new WordLexer(ANY_CASE, false, Words.LETTERS, UNLIMITED, LINE_ENDS, UNLIMITED))
                .ignoringMerges(), "minicpm5");
        put(of(new WordLexer(ANY_CASE, true, Words.ASCII_CASED, 3, LINE_ENDS + "/", UNLIMITED)).keepingSpaces(), "gpt-4o", "llama4",
                "kanana2", "talkie", "minimax-m2");
        put(of(new WordLexer(ANY_CASE, true, Words.ASCII_CASED_AND_MARKS, 3, LINE_ENDS + "/", UNLIMITED))
                .keepingSpaces()
                .ignoringMerges(), "granite-embed-multi-97m");
        put(of(new WordLexer(NONE, true, Words.ASCII_CASED, 1, LINE_ENDS + "/", UNLIMITED)).keepingSpaces().ignoringMerges().withBos(),
                "tekken");
        put(of(Lexers.DIGIT_GROUPS, new WordLexer(ANY_CASE, true, Words.UNCASED_AND_MARKS, 3, LINE_ENDS + "/", UNLIMITED)).keepingSpaces(),
                "tiny_aya", "cohere2moe");
        put(of(
                        regex(YOUTU_SCRIPTS),
                        new WordLexer(ANY_CASE, true, Words.UNCASED_AND_MARKS, 1, LINE_ENDS + "/", UNLIMITED))
                .keepingSpaces()
                .ignoringMerges(), "youtu");
        put(of(Lexers.KIMI_K2).keepingSpaces(), "kimi-k2");
        put(of(Lexers.DIGITS, Lexers.BEFORE_DIGIT_GROUPS).keepingSpaces(), "superbpe");
        put(of(new WordLexer(ANY_CASE, false, Words.LETTERS, 1, "", 0)).keepingSpaces(), "seed-coder");
        StringBuilder halving = new StringBuilder();
        for (int n = 512; n >= 4; n /= 2) halving.append(SPACE + "{" + n + "}(?!" + notSpace() + ")|");
        put(of(regex("(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^"
                        + SPACE + "\\p{L}\\p{N}]+[\\r\\n]*|" + SPACE + "*[\\r\\n]+|" + halving + SPACE + "{1,2}(?!"
                        + notSpace() + ")|" + SPACE)), "jais-2");
        put(of(new WordLexer(ANY_CASE, false, Words.PHRASES, 1, "\r\n/", 1)), "exaone-moe");
        String deepSeek3 = "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
                + "| ?[\\p{P}\\p{S}]+[\\r\\n]*|" + SPACE + "*[\\r\\n]+|" + SPACE + "+(?!" + notSpace() + ")|" + SPACE + "+";
        put(of(Lexers.DIGITS_BY_THREE, regex("[" + HAN_AND_KANA + "]+"), regex(deepSeek3)).keepingSpaces(), "deepseek-v3",
                "hunyuan-dense", "hy_v4", "joyai-llm");
        put(of(
                        Lexers.DIGITS_BY_THREE,
                        regex("[" + HAN_AND_KANA + "]+"),
                        regex(deepSeek3
                                .replace("+[\\r\\n]*|", "+|")
                                .replace(SPACE + "*[\\r\\n]+|", "[\\r\\n]|")),
                        Lexers.DIGIT)
                .keepingSpaces(), "spark2_5");
        put(of(
                        Lexers.DIGIT_GROUPS,
                        regex("[" + AFMOE_SCRIPTS + "]+"),
                        regex(deepSeek3))
                .keepingSpaces(), "afmoe");
        put(of(
                        Lexers.LINE_END,
                        regex(SPACE + "?[" + DEEPSEEK_LETTERS + "]+"),
                        regex(SPACE + "?[" + DEEPSEEK_PUNCTUATION + NOT_SPACE + "+"),
                        Lexers.TRAILING_SPACE,
                        regex("[" + DEEPSEEK_EAST_ASIAN + NOT_SPACE + "+"),
                        Lexers.DIGITS)
                .keepingSpaces(), "deepseek-llm");
        put(of(
                        Lexers.LINE_END,
                        regex(SPACE + "?\\p{L}+"),
                        regex(SPACE + "?\\p{P}+"),
                        regex("[" + DEEPSEEK_EAST_ASIAN + NOT_SPACE + "+"),
                        Lexers.DIGIT)
                .keepingSpaces(), "deepseek-coder");
        String bloom = " ?[^(" + SPACE + "|.,!?\u2026\u3002\uFF0C\u3001\u0964\u06D4\u060C)]+";
        put(of(regex(bloom)), "bloom", "gpt3-finnish");
        put(of(regex(bloom)).keepingSpaces(), "poro-chat");
        put(of(regex(bloom), Lexers.DIGIT).keepingSpaces(), "viking");
        put(of(
                        regex("<sentinel:[0-9]+>"),
                        regex("IMGIMG[A-I]{1,4}Z"),
                        regex("[\\t\\n]|    |  "),
                        Lexers.DIGIT,
                        regex("[\\p{P}!-/:-@\\[-`{-~]"),
                        GPT2)
                .keepingSpaces()
                .withBos(), "chameleon");
        put(of(Lexers.LINES).escapingSpaces(), "gemma4", "granite-embed-multi-311m");
        put(of(Lexers.LINES).escapingSpaces().keepingSpaces(), "sarvam-moe");
        put(of().withoutByteSpelling(), "whitespace");
    }

    private LlamaPreTokenizers() {}

    static Optional<Named> byName(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }

    static Collection<String> names() {
        return BY_NAME.keySet();
    }

    private static Named of(TextPattern... patterns) {
        return new Named(Arrays.asList(patterns), true, false, false, true, false);
    }

    private static void put(Named named, String... names) {
        for (String name : names) BY_NAME.put(name, named);
    }

    private static String notSpace() {
        return "\\P{IsWhite_Space}";
    }

    private static TextPattern regex(String pattern) {
        return new BoundedRegex(Pattern.compile(pattern));
    }
}
