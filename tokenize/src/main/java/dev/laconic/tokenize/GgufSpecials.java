package dev.laconic.tokenize;

import static dev.laconic.tokenize.GgufVocabulary.CONTROL;
import static dev.laconic.tokenize.GgufVocabulary.NORMAL;
import static dev.laconic.tokenize.GgufVocabulary.UNKNOWN;
import static dev.laconic.tokenize.GgufVocabulary.USER_DEFINED;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.format.Metadata;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The special tokens of a GGUF file: ids that the metadata names, else the defaults of its kind of vocabulary, and those
 * that are known by their spelling.
 *
 * @param before what a text begins with
 * @param after what a text ends with
 */
record GgufSpecials(SpecialTokens special, int[] before, int[] after, BitSet stripLeft, BitSet stripRight) {
    private static final String PREFIX = "tokenizer.ggml.";
    static final List<String> END_OF_TURN = List.of(
            "<|eot_id|>",
            "<|im_end|>",
            "<|end|>",
            "<end_of_turn>",
            "<|endoftext|>",
            "<|end_of_text|>",
            "<EOT>",
            "_<EOT>",
            "[EOT]",
            "<｜end▁of▁sentence｜>",
            "<end_of_utterance>");
    private static final List<String> END_OF_GENERATION = List.of(
            "<|return|>",
            "<|call|>",
            "<|flush|>",
            "<|calls|>",
            "</s>",
            "<|eom_id|>",
            "[EOS]",
            "<eos>",
            "<turn|>",
            "<|tool_response>",
            "[e~[");
    /** Fill-in-the-middle tokens by role; those of the last three end generation. */
    private static final List<List<String>> FILL_IN = List.of(
            List.of(
                    "<|fim_prefix|>",
                    "<fim-prefix>",
                    "<fim_prefix>",
                    "<｜fim▁begin｜>",
                    "<PRE>",
                    "▁<PRE>",
                    "<|code_prefix|>",
                    "<|prefix|>"),
            List.of(
                    "<|fim_suffix|>",
                    "<fim-suffix>",
                    "<fim_suffix>",
                    "<｜fim▁hole｜>",
                    "<SUF>",
                    "▁<SUF>",
                    "<|code_suffix|>",
                    "<|suffix|>"),
            List.of(
                    "<|fim_middle|>",
                    "<fim-middle>",
                    "<fim_middle>",
                    "<｜fim▁end｜>",
                    "<MID>",
                    "▁<MID>",
                    "<|code_middle|>",
                    "<|middle|>"),
            List.of("<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]"),
            List.of("<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>", "<reponame>"),
            List.of("<|file_sep|>"));
    private static final List<String> FILL_IN_KEYS = List.of(
            "fim_pre_token_id",
            "fim_suf_token_id",
            "fim_mid_token_id",
            "fim_pad_token_id",
            "fim_rep_token_id",
            "fim_sep_token_id");
    private static final int FIRST_ENDING_FILL_IN = 3;

    /** What holds where the metadata says nothing; -1 is no token. */
    record Defaults(int bos, int eos, int unk, int sep, int pad, int mask, boolean addBos, boolean addEos, boolean addSep) {
        static final Defaults SENTENCE_PIECE = new Defaults(1, 2, 0, -1, -1, -1, true, false, false);
        static final Defaults WORD_PIECE = new Defaults(101, -1, 100, 102, 0, 103, true, false, true);
        static final Defaults UNIGRAM = new Defaults(-1, 1, 2, -1, 0, -1, false, true, false);
        static final Defaults RWKV = new Defaults(-1, -1, -1, -1, -1, -1, false, false, false);
        static final Defaults PLAMO2 = new Defaults(1, 2, 0, -1, 3, -1, false, false, false);

        static Defaults bytePair(String pre, boolean addBos) {
            return switch (pre) {
                case "gemma4" -> new Defaults(-1, -1, -1, -1, -1, -1, true, false, false);
                case "glm4", "chatglm-bpe" -> new Defaults(-1, 11, -1, -1, -1, -1, addBos, false, false);
                default -> new Defaults(11, 11, -1, -1, -1, -1, addBos, false, false);
            };
        }
    }

    /** Reads them and settles the attributes of the tokens that are known by their spelling. */
    static GgufSpecials read(Metadata metadata, GgufVocabulary tokens, Defaults defaults) {
        Reader reader = new Reader(metadata, tokens);
        int bos = reader.id("bos_token_id", reader.id("cls_token_id", defaults.bos()));
        int eos = reader.id("eos_token_id", defaults.eos());
        int unk = reader.id("unknown_token_id", defaults.unk());
        int sep = reader.id("seperator_token_id", defaults.sep());
        int pad = reader.id("padding_token_id", defaults.pad());
        int mask = reader.id("mask_token_id", defaults.mask());
        int eot = reader.id("eot_token_id", -1);
        if (eot < 0) eot = reader.controlLike(END_OF_TURN);
        int eom = reader.id("eom_token_id", -1);
        if (eom < 0) eom = reader.controlLike(List.of("<|eom_id|>"));
        Set<Integer> ends = reader.ends(eos, eot, eom);
        boolean addBos = metadata.bool(PREFIX + "add_bos_token").orElse(defaults.addBos());
        boolean addEos = metadata.bool(PREFIX + "add_eos_token").orElse(defaults.addEos());
        if (metadata.string(PREFIX + "model").orElse("").equals("gemma4")
                || metadata.string(PREFIX + "pre").orElse("").equals("gemma4")) addBos = true;
        if (addBos && bos < 0) throw reader.missing("bos_token_id", "add_bos_token");
        if (addEos && eos < 0) throw reader.missing("eos_token_id", "add_eos_token");
        if (defaults.addSep() && sep < 0) throw reader.missing("seperator_token_id", "add_sep_token");
        int[] before = addBos ? new int[] {bos} : new int[0];
        int[] after = defaults.addSep() ? new int[] {sep} : addEos ? new int[] {eos} : new int[0];
        SpecialTokens special = new SpecialTokens(
                optional(bos), optional(eos), optional(eot), optional(unk), optional(sep), optional(pad), optional(mask), ends);
        BitSet stripLeft = new BitSet();
        BitSet stripRight = new BitSet();
        reader.strips(stripLeft, stripRight);
        return new GgufSpecials(special, before, after, stripLeft, stripRight);
    }

    /** What is taken out of a text before it is tokenized. */
    Partition partition(GgufVocabulary tokens) {
        List<Integer> ids = new ArrayList<>();
        BitSet special = tokens.of(CONTROL, USER_DEFINED, UNKNOWN);
        for (int id = special.nextSetBit(0); id >= 0; id = special.nextSetBit(id + 1)) ids.add(id);
        if (ids.isEmpty()) return Partition.NONE;
        return new LlamaPartition(tokens.symbols(), ids, tokens.of(CONTROL, UNKNOWN), stripLeft, stripRight);
    }

    private static OptionalInt optional(int id) {
        return id < 0 ? OptionalInt.empty() : OptionalInt.of(id);
    }

    private record Reader(Metadata metadata, GgufVocabulary tokens) {

        /** The id under a key; one that is no token's counts as not given. */
        int id(String key, int otherwise) {
            long id = metadata.integer(PREFIX + key).orElse(-1L);
            if (id >= 0 && id < tokens.size()) return (int) id;
            return otherwise < tokens.size() ? otherwise : -1;
        }

        /** The first token of these spellings, which becomes a control token, or -1. */
        int controlLike(List<String> spellings) {
            for (String spelling : spellings) {
                int id = tokens.find(spelling);
                if (id < 0) continue;
                tokens.add(id, CONTROL);
                return id;
            }
            return -1;
        }

        Set<Integer> ends(int eos, int eot, int eom) {
            Set<Integer> ends = new LinkedHashSet<>();
            for (int role = 0; role < FILL_IN.size(); role++) {
                int id = id(FILL_IN_KEYS.get(role), -1);
                if (id < 0) id = controlLike(FILL_IN.get(role));
                if (id >= 0 && role >= FIRST_ENDING_FILL_IN) ends.add(id);
            }
            for (List<String> spellings : List.of(END_OF_TURN, END_OF_GENERATION)) {
                for (String spelling : spellings) {
                    int id = controlLike(List.of(spelling));
                    if (id >= 0) ends.add(id);
                }
            }
            for (String shown : List.of("<|channel|>", "<|message|>", "<|start|>", "<|constrain|>")) {
                int id = tokens.find(shown);
                if (id >= 0) tokens.set(id, USER_DEFINED);
            }
            for (int id : new int[] {eos, eot, eom}) if (id >= 0) ends.add(id);
            boolean calls = contains(ends, "<|call|>") || contains(ends, "<|calls|>");
            if (calls && contains(ends, "<|end|>") && (contains(ends, "<|return|>") || contains(ends, "<|flush|>")))
                takeBack(ends, "<|end|>", USER_DEFINED);
            if (contains(ends, "<|tool_response>") && contains(ends, "</s>")) takeBack(ends, "</s>", NORMAL);
            return ends;
        }

        private boolean contains(Set<Integer> ends, String token) {
            return ends.contains(tokens.find(token));
        }

        private void takeBack(Set<Integer> ends, String token, int attribute) {
            int id = tokens.find(token);
            ends.remove(id);
            tokens.set(id, attribute);
        }

        /** Which tokens swallow white space: the files do not say, so it goes by the names of model and tokenizer. */
        void strips(BitSet left, BitSet right) {
            String name = metadata.string("general.name").orElse("").toLowerCase(Locale.ROOT);
            String pre = metadata.string(PREFIX + "pre").orElse("");
            String architecture = metadata.string("general.architecture").orElse("");
            if (pre.contains("jina-v2-de")
                    || pre.contains("jina-v2-es")
                    || pre.contains("jina-v2-code")
                    || architecture.contains("nomic-bert-moe")
                    || architecture.contains("jina-bert-v3")) {
                set(left, "<mask>");
            } else if (name.contains("phi-3") || name.contains("phi3")) {
                right.or(tokens.of(CONTROL, USER_DEFINED, UNKNOWN));
                set(right, "</s>");
                for (String kept : List.of("<unk>", "<s>", "<|endoftext|>")) {
                    int id = tokens.find(kept);
                    if (id >= 0) right.clear(id);
                }
            } else if (name.contains("modern-bert")) {
                set(left, "[MASK]");
            }
        }

        private void set(BitSet set, String token) {
            int id = tokens.find(token);
            if (id >= 0) set.set(id);
        }

        MalformedInputException missing(String key, String flag) {
            return new MalformedInputException(
                    metadata.source(), PREFIX + key, "no token of the vocabulary", "one, since " + flag + " is set");
        }
    }
}
