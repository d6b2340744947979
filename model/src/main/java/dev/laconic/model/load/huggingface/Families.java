package dev.laconic.model.load.huggingface;

import dev.laconic.core.error.UnsupportedModelException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/** The kinds of Hugging Face models this engine reads, by {@code model_type}. */
final class Families {
    private static final Map<String, Supplier<Family>> BY_TYPE = new TreeMap<>(Map.ofEntries(
            Map.entry("arcee", Llamas::arcee),
            Map.entry("bert", Encoders::bert),
            Map.entry("bloom", Gpts::bloom),
            Map.entry("camembert", Encoders::roberta),
            Map.entry("cohere", LayerNormed::cohere),
            Map.entry("cohere2", LayerNormed::cohere2),
            Map.entry("deepseek", Mixtures::deepSeek),
            Map.entry("distilbert", Encoders::distilBert),
            Map.entry("Dream", Llamas::dream),
            Map.entry("exaone", Llamas::exaone),
            Map.entry("falcon", Gpts::falcon),
            Map.entry("gemma", Gemmas::gemma1),
            Map.entry("gemma2", Gemmas::gemma2),
            Map.entry("gemma3", Gemmas::gemma3),
            Map.entry("gemma3_text", Gemmas::gemma3),
            Map.entry("glm4", Llamas::glm4),
            Map.entry("gpt2", Gpts::gpt2),
            Map.entry("gpt_bigcode", Gpts::bigCode),
            Map.entry("gpt_neox", Gpts::gptNeoX),
            Map.entry("granite", Llamas::granite),
            Map.entry("granitemoe", Mixtures::graniteMoe),
            Map.entry("internlm2", Llamas::internLm2),
            Map.entry("internlm3", Llamas::llama),
            Map.entry("llama", Llamas::llama),
            Map.entry("minicpm", Llamas::miniCpm),
            Map.entry("ministral3", Llamas::ministral3),
            Map.entry("mistral", Llamas::mistral),
            Map.entry("mixtral", Mixtures::mixtral),
            Map.entry("modernbert", Encoders::modernBert),
            Map.entry("mpt", Gpts::mpt),
            Map.entry("mt5", Encoders::t5),
            Map.entry("nemotron", LayerNormed::nemotron),
            Map.entry("nomic_bert", Encoders::nomicBert),
            Map.entry("olmo", Llamas::olmo),
            Map.entry("olmo2", Llamas::olmo2),
            Map.entry("olmo3", Llamas::olmo3),
            Map.entry("olmoe", Mixtures::olmoe),
            Map.entry("phi", LayerNormed::phi2),
            Map.entry("phi3", Llamas::phi3),
            Map.entry("qwen2", Llamas::qwen2),
            Map.entry("qwen2_5_vl", Llamas::qwen2),
            Map.entry("qwen2_5_vl_text", Llamas::qwen2),
            Map.entry("qwen2_moe", Mixtures::qwen2Moe),
            Map.entry("qwen2_vl", Llamas::qwen2),
            Map.entry("qwen2_vl_text", Llamas::qwen2),
            Map.entry("qwen3", Llamas::qwen3),
            Map.entry("qwen3_moe", Mixtures::qwen3Moe),
            Map.entry("qwen3_vl", Llamas::qwen3),
            Map.entry("qwen3_vl_text", Llamas::qwen3),
            Map.entry("RefinedWeb", Gpts::falcon),
            Map.entry("RefinedWebModel", Gpts::falcon),
            Map.entry("roberta", Encoders::roberta),
            Map.entry("seed_oss", Llamas::seedOss),
            Map.entry("smollm3", Llamas::smolLm3),
            Map.entry("stablelm", LayerNormed::stableLm),
            Map.entry("stablelm_epoch", LayerNormed::stableLm),
            Map.entry("starcoder2", LayerNormed::starcoder2),
            Map.entry("t5", Encoders::t5),
            Map.entry("umt5", Encoders::t5),
            Map.entry("xlm-roberta", Encoders::roberta)));

    private Families() {}

    /**
     * The kind of model a configuration is of: what {@code model_type} says, or else the class named first in
     * {@code architectures}.
     *
     * @throws UnsupportedModelException if it is none of these
     */
    static Family of(Config config) {
        Optional<String> type = config.text("model_type");
        Optional<String> architecture = config.texts("architectures").stream().findFirst();
        return type.map(BY_TYPE::get)
                .or(() -> architecture.flatMap(Families::byArchitecture))
                .map(Supplier::get)
                .orElseThrow(() -> config.unsupported("model_type", type.or(() -> architecture).orElse("nothing"),
                        new TreeSet<>(BY_TYPE.keySet()).toArray(String[]::new)));
    }

    /** LlamaForCausalLM and LlamaModel are of type llama. */
    private static Optional<Supplier<Family>> byArchitecture(String name) {
        String plain = plain(name.replaceFirst("(For[A-Z]|WithLMHead|LMHead|Encoder|Model).*", ""));
        return BY_TYPE.keySet().stream().filter(type -> plain(type).equals(plain)).findFirst().map(BY_TYPE::get);
    }

    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replace("_", "").replace("-", "");
    }
}
