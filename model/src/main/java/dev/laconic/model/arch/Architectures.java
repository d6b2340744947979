package dev.laconic.model.arch;

import dev.laconic.core.error.UnsupportedModelException;
import dev.laconic.format.Metadata;
import dev.laconic.format.io.Quoted;
import dev.laconic.model.load.Weights;
import java.util.Map;
import java.util.SequencedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/** The architectures this engine runs, under the names model files use. */
public final class Architectures {
    private static final Map<String, Function<Weights, Architecture>> BUILDERS = new TreeMap<>(Map.ofEntries(
            Map.entry("arcee", Arcee::build),
            Map.entry("baichuan", Refact::buildBaichuan),
            Map.entry("bailingmoe", DeepSeek::build),
            Map.entry("bert", Bert::build),
            Map.entry("bloom", Bloom::build),
            Map.entry("chatglm", Glm4::buildChatGlm),
            Map.entry("cohere2", CommandR::buildCohere2),
            Map.entry("command-r", CommandR::build),
            Map.entry("deepseek", DeepSeek::build),
            Map.entry("dots1", DeepSeek::buildDots),
            Map.entry("dream", Dream::build),
            Map.entry("ernie4_5", Llama::build),
            Map.entry("ernie4_5-moe", Ernie45Moe::build),
            Map.entry("exaone", Qwen2::build),
            Map.entry("exaone4", Exaone4::build),
            Map.entry("falcon", Falcon::build),
            Map.entry("gemma", Gemma::build),
            Map.entry("gemma2", Gemma2::build),
            Map.entry("gemma3", Gemma3::build),
            Map.entry("glm4", Glm4::build),
            Map.entry("glm4moe", Glm4Moe::build),
            Map.entry("gpt-oss", GptOss::build),
            Map.entry("gpt2", Gpt2::build),
            Map.entry("gptneox", GptNeox::build),
            Map.entry("granite", Granite::build),
            Map.entry("granitemoe", Granite::build),
            Map.entry("hunyuan-dense", Hunyuan::build),
            Map.entry("hunyuan-moe", Hunyuan::buildMoe),
            Map.entry("internlm2", Llama::build),
            Map.entry("jina-bert-v2", JinaBertV2::build),
            Map.entry("jina-bert-v3", NomicBert::build),
            Map.entry("llada", Dream::buildLlada),
            Map.entry("llada-moe", Dream::buildLladaMoe),
            Map.entry("llama", Llama::build),
            Map.entry("llama4", Llama4::build),
            Map.entry("minicpm", Granite::buildMiniCpm),
            Map.entry("mistral3", Mistral3::build),
            Map.entry("modern-bert", ModernBert::build),
            Map.entry("mpt", Mpt::build),
            Map.entry("nemotron", Nemotron::build),
            Map.entry("nomic-bert", NomicBert::build),
            Map.entry("nomic-bert-moe", NomicBert::build),
            Map.entry("olmo", Olmo::build),
            Map.entry("olmo2", Olmo2::build),
            Map.entry("olmoe", Olmoe::build),
            Map.entry("orion", Orion::build),
            Map.entry("phi2", Phi2::build),
            Map.entry("phi3", Phi3::build),
            Map.entry("qwen2", Qwen2::build),
            Map.entry("qwen2moe", Qwen2Moe::build),
            Map.entry("qwen2vl", Qwen2::build),
            Map.entry("qwen3", Qwen3::build),
            Map.entry("qwen3moe", Qwen3::build),
            Map.entry("qwen3vl", Qwen3::build),
            Map.entry("qwen3vlmoe", Qwen3::build),
            Map.entry("refact", Refact::build),
            Map.entry("seed_oss", SeedOss::build),
            Map.entry("smollm3", SmolLm3::build),
            Map.entry("stablelm", StableLm::build),
            Map.entry("starcoder", Gpt2::build),
            Map.entry("starcoder2", Starcoder2::build),
            Map.entry("t5", T5::build),
            Map.entry("t5encoder", T5::buildEncoder),
            Map.entry("xverse", Llama::build)));

    private Architectures() {}

    public static SequencedSet<String> names() {
        return new TreeSet<>(BUILDERS.keySet());
    }

    /**
     * Refuses a file of an architecture that is not listed, before anything else of it is read.
     *
     * @throws UnsupportedModelException with the list
     */
    public static void require(Metadata metadata) {
        String name = metadata.requireString("general.architecture");
        if (!BUILDERS.containsKey(name))
            throw new UnsupportedModelException(metadata.source(), "general.architecture", Quoted.of(name), names());
    }

    /** The network a file of a listed architecture describes. */
    public static Architecture build(Weights weights) {
        return BUILDERS.get(weights.parameters().architecture()).apply(weights);
    }
}
