package dev.laconic.model.arch;

import dev.laconic.core.error.UnsupportedModelException;
import dev.laconic.format.Metadata;
import dev.laconic.format.io.Quoted;
import dev.laconic.model.load.Weights;
import java.util.Collections;
import java.util.List;
import java.util.SequencedSet;
import java.util.TreeSet;
import java.util.function.Function;

/** The architectures this engine runs, under the names model files use. */
public final class Architectures {
    private static final SequencedSet<String> NAMES = Collections.unmodifiableSequencedSet(new TreeSet<>(List.of(
            "arcee", "baichuan", "bailingmoe", "bert", "bloom", "chatglm", "cohere2", "command-r", "deepseek", "dots1", "dream",
            "ernie4_5", "ernie4_5-moe", "exaone", "exaone4", "falcon", "gemma", "gemma2", "gemma3", "glm4", "glm4moe", "gpt-oss",
            "gpt2", "gptneox", "granite", "granitemoe", "hunyuan-dense", "hunyuan-moe", "internlm2", "jina-bert-v2", "jina-bert-v3",
            "llada", "llada-moe", "llama", "llama4", "minicpm", "mistral3", "modern-bert", "mpt", "nemotron", "nomic-bert",
            "nomic-bert-moe", "olmo", "olmo2", "olmoe", "orion", "phi2", "phi3", "qwen2", "qwen2moe", "qwen2vl", "qwen3",
            "qwen3moe", "qwen3vl", "qwen3vlmoe", "refact", "seed_oss", "smollm3", "stablelm", "starcoder", "starcoder2", "t5",
            "t5encoder", "xverse")));

    /** What builds a listed architecture. A table would link all of them for the one that is asked for. */
    static Function<Weights, Architecture> builder(String name) {
        return switch (name) {
            case "arcee" -> Arcee::build;
            case "baichuan" -> Refact::buildBaichuan;
            case "bailingmoe", "deepseek" -> DeepSeek::build;
            case "bert" -> Bert::build;
            case "bloom" -> Bloom::build;
            case "chatglm" -> Glm4::buildChatGlm;
            case "cohere2" -> CommandR::buildCohere2;
            case "command-r" -> CommandR::build;
            case "dots1" -> DeepSeek::buildDots;
            case "dream" -> Dream::build;
            case "ernie4_5", "internlm2", "llama", "xverse" -> Llama::build;
            case "ernie4_5-moe" -> Ernie45Moe::build;
            case "exaone", "qwen2", "qwen2vl" -> Qwen2::build;
            case "exaone4" -> Exaone4::build;
            case "falcon" -> Falcon::build;
            case "gemma" -> Gemma::build;
            case "gemma2" -> Gemma2::build;
            case "gemma3" -> Gemma3::build;
            case "glm4" -> Glm4::build;
            case "glm4moe" -> Glm4Moe::build;
            case "gpt-oss" -> GptOss::build;
            case "gpt2", "starcoder" -> Gpt2::build;
            case "gptneox" -> GptNeox::build;
            case "granite", "granitemoe" -> Granite::build;
            case "hunyuan-dense" -> Hunyuan::build;
            case "hunyuan-moe" -> Hunyuan::buildMoe;
            case "jina-bert-v2" -> JinaBertV2::build;
            case "jina-bert-v3", "nomic-bert", "nomic-bert-moe" -> NomicBert::build;
            case "llada" -> Dream::buildLlada;
            case "llada-moe" -> Dream::buildLladaMoe;
            case "llama4" -> Llama4::build;
            case "minicpm" -> Granite::buildMiniCpm;
            case "mistral3" -> Mistral3::build;
            case "modern-bert" -> ModernBert::build;
            case "mpt" -> Mpt::build;
            case "nemotron" -> Nemotron::build;
            case "olmo" -> Olmo::build;
            case "olmo2" -> Olmo2::build;
            case "olmoe" -> Olmoe::build;
            case "orion" -> Orion::build;
            case "phi2" -> Phi2::build;
            case "phi3" -> Phi3::build;
            case "qwen2moe" -> Qwen2Moe::build;
            case "qwen3", "qwen3moe", "qwen3vl", "qwen3vlmoe" -> Qwen3::build;
            case "refact" -> Refact::build;
            case "seed_oss" -> SeedOss::build;
            case "smollm3" -> SmolLm3::build;
            case "stablelm" -> StableLm::build;
            case "starcoder2" -> Starcoder2::build;
            case "t5" -> T5::build;
            case "t5encoder" -> T5::buildEncoder;
            default -> throw new IllegalArgumentException(name);
        };
    }

    private Architectures() {}

    public static SequencedSet<String> names() {
        return NAMES;
    }

    /**
     * Refuses a file of an architecture that is not listed, before anything else of it is read.
     *
     * @throws UnsupportedModelException with the list
     */
    public static void require(Metadata metadata) {
        String name = metadata.requireString("general.architecture");
        if (!NAMES.contains(name))
            throw new UnsupportedModelException(metadata.source(), "general.architecture", Quoted.of(name), NAMES);
    }

    /** The network a file of a listed architecture describes. */
    public static Architecture build(Weights weights) {
        return builder(weights.parameters().architecture()).apply(weights);
    }
}
