package dev.laconic.tokenize;

import dev.laconic.testkit.Fuzz;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FuzzTest {
    @Test
    void tokenizerFiles() throws Exception {
        String json = "J{\"version\":\"1.0\",\"added_tokens\":[{\"id\":4,\"content\":\"<s>\",\"special\":true,\"lstrip\":true}],"
                + "\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"NFKC\"},{\"type\":\"Replace\",\"pattern\":"
                + "{\"Regex\":\" {2,}\"},\"content\":\"▁\"}]},\"pre_tokenizer\":{\"type\":\"Metaspace\",\"replacement\":\"▁\"},"
                + "\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"s\"}},"
                + "{\"Sequence\":{\"id\":\"A\"}}],\"special_tokens\":{\"s\":{\"id\":\"s\",\"ids\":[4]}}},"
                + "\"decoder\":{\"type\":\"Sequence\",\"decoders\":[{\"type\":\"ByteFallback\"},{\"type\":\"Fuse\"}]},"
                + "\"model\":{\"type\":\"BPE\",\"unk_token\":\"a\",\"byte_fallback\":true,\"fuse_unk\":true,"
                + "\"vocab\":{\"a\":0,\"b\":1,\"aa\":2,\"aab\":3},\"merges\":[\"a a\",[\"aa\",\"b\"]]}}";
        String unigram = "J{\"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":{\"Regex\":\"\\\\w+|[^\\\\s]\"},\"behavior\":"
                + "\"Removed\",\"invert\":true},\"model\":{\"type\":\"Unigram\",\"unk_id\":0,\"vocab\":[[\"u\",0],[\"a\",-1.5]]}}";
        String pieces = "S\n\007\n\005<unk>\030\002".replace("\007\n\005<unk>\030\002", "\011\n\005<unk>\030\002") + "\n\003\n\001a";
        String gguf = "Gllama\ndefault\n2<unk>\n3<s>\n3</s>\n6<0x41>\n1▁\n1a\n1aa\n1▁a";
        String bytes = "Ggpt2\nqwen2\n1a\n1b\n1ab\n0a b\n4<s>";
        String bert = "Gbert\n\n2[UNK]\n3[CLS]\n3[SEP]\n1▁hello\n1a\n1b";
        Fuzz.check(
                TokenizerFuzzer.class,
                Stream.of(json, unigram, pieces, gguf, bytes, bert, "TIQ== 0\nIg== 1", "R1 'a' 1\n2 b'\\xff' 1")
                        .map(seed -> seed.getBytes(StandardCharsets.UTF_8))
                        .toList());
    }
}
