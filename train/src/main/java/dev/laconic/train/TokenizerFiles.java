package dev.laconic.train;

import dev.laconic.format.gguf.GgufWriter;
import dev.laconic.tokenize.train.ByteLevelBpe;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The house vocabulary in the forms that model files carry it in. */
final class TokenizerFiles {
    private static final int NORMAL = 1;
    private static final int CONTROL = 3;

    private TokenizerFiles() {}

    /** Adds the vocabulary and the chat template to a GGUF file's metadata. */
    static void write(GgufWriter gguf, ByteLevelBpe vocabulary) {
        ChatFormat format = new ChatFormat(vocabulary);
        int[] types = new int[vocabulary.size()];
        Arrays.fill(types, NORMAL);
        Arrays.fill(types, 0, vocabulary.specials().size(), CONTROL);
        gguf.string("tokenizer.ggml.model", "gpt2")
                .string("tokenizer.ggml.pre", "qwen2")
                .strings("tokenizer.ggml.tokens", vocabulary.tokens())
                .int32s("tokenizer.ggml.token_type", types)
                .strings("tokenizer.ggml.merges", vocabulary.mergeLines())
                .uint32("tokenizer.ggml.bos_token_id", format.begin)
                .uint32("tokenizer.ggml.eos_token_id", format.end)
                .uint32("tokenizer.ggml.padding_token_id", format.pad)
                .uint32("tokenizer.ggml.mask_token_id", format.mask)
                .bool("tokenizer.ggml.add_bos_token", true)
                .bool("tokenizer.ggml.add_eos_token", false)
                .string("tokenizer.chat_template", ChatFormat.TEMPLATE);
    }

    /** {@code tokenizer.json}, as the Hugging Face tokenizers read it. */
    static Map<String, Object> tokenizer(ByteLevelBpe vocabulary) {
        List<String> tokens = vocabulary.tokens();
        Map<String, Integer> ids = new LinkedHashMap<>();
        for (int id = vocabulary.specials().size(); id < tokens.size(); id++) ids.put(tokens.get(id), id);
        Map<String, Object> file = new LinkedHashMap<>();
        file.put("version", "1.0");
        file.put("truncation", null);
        file.put("padding", null);
        file.put(
                "added_tokens",
                vocabulary.specials().stream()
                        .map(token -> object(
                                "id", vocabulary.special(token),
                                "content", token,
                                "single_word", false,
                                "lstrip", false,
                                "rstrip", false,
                                "normalized", false,
                                "special", true))
                        .toList());
        file.put("normalizer", null);
        file.put(
                "pre_tokenizer",
                object(
                        "type",
                        "Sequence",
                        "pretokenizers",
                        List.of(
                                object(
                                        "type", "Split",
                                        "pattern", Map.of("Regex", ByteLevelBpe.PATTERN),
                                        "behavior", "Isolated",
                                        "invert", false),
                                byteLevel())));
        Map<String, Object> begin = Map.of("SpecialToken", object("id", ChatFormat.BEGIN, "type_id", 0));
        file.put(
                "post_processor",
                object(
                        "type", "TemplateProcessing",
                        "single", List.of(begin, Map.of("Sequence", object("id", "A", "type_id", 0))),
                        "pair",
                                List.of(
                                        begin,
                                        Map.of("Sequence", object("id", "A", "type_id", 0)),
                                        Map.of("Sequence", object("id", "B", "type_id", 1))),
                        "special_tokens",
                                Map.of(
                                        ChatFormat.BEGIN,
                                        object(
                                                "id", ChatFormat.BEGIN,
                                                "ids", List.of(vocabulary.special(ChatFormat.BEGIN)),
                                                "tokens", List.of(ChatFormat.BEGIN)))));
        file.put("decoder", byteLevel());
        Map<String, Object> model = object("type", "BPE", "dropout", null, "unk_token", null);
        model.putAll(object("fuse_unk", false, "byte_fallback", false, "ignore_merges", false));
        model.put("vocab", ids);
        model.put("merges", vocabulary.mergeLines());
        file.put("model", model);
        return file;
    }

    /** {@code tokenizer_config.json}. */
    static Map<String, Object> configuration(int context) {
        return object(
                "tokenizer_class", "PreTrainedTokenizerFast",
                "add_bos_token", true,
                "add_eos_token", false,
                "bos_token", ChatFormat.BEGIN,
                "eos_token", ChatFormat.END,
                "pad_token", ChatFormat.PAD,
                "mask_token", ChatFormat.MASK,
                "clean_up_tokenization_spaces", false,
                "model_max_length", context,
                "chat_template", ChatFormat.TEMPLATE);
    }

    private static Map<String, Object> byteLevel() {
        return object("type", "ByteLevel", "add_prefix_space", false, "trim_offsets", false, "use_regex", false);
    }

    static Map<String, Object> object(Object... pairs) {
        Map<String, Object> object = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) object.put((String) pairs[i], pairs[i + 1]);
        return object;
    }
}
