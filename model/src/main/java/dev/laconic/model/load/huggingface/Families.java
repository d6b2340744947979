package dev.laconic.model.load.huggingface;

import dev.laconic.core.error.UnsupportedModelException;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/** The kinds of Hugging Face models this engine reads, by {@code model_type}. */
final class Families {
    private static final Map<String, Supplier<Family>> BY_TYPE = new TreeMap<>(Map.ofEntries(
            Map.entry("bert", Encoders::bert),
            Map.entry("camembert", Encoders::roberta),
            Map.entry("distilbert", Encoders::distilBert),
            Map.entry("falcon", Gpts::falcon),
            Map.entry("gemma", Gemmas::gemma1),
            Map.entry("gemma2", Gemmas::gemma2),
            Map.entry("gemma3", Gemmas::gemma3),
            Map.entry("gemma3_text", Gemmas::gemma3),
            Map.entry("gpt2", Gpts::gpt2),
            Map.entry("gpt_bigcode", Gpts::bigCode),
            Map.entry("gpt_neox", Gpts::gptNeoX),
            Map.entry("granite", Llamas::granite),
            Map.entry("llama", Llamas::llama),
            Map.entry("mistral", Llamas::mistral),
            Map.entry("mixtral", Llamas::mixtral),
            Map.entry("modernbert", Encoders::modernBert),
            Map.entry("mt5", Encoders::t5),
            Map.entry("nemotron", Llamas::nemotron),
            Map.entry("nomic_bert", Encoders::nomicBert),
            Map.entry("olmo", Llamas::olmo),
            Map.entry("olmo2", Llamas::olmo2),
            Map.entry("olmo3", Llamas::olmo3),
            Map.entry("olmoe", Llamas::olmoe),
            Map.entry("phi", Llamas::phi2),
            Map.entry("phi3", Llamas::phi3),
            Map.entry("qwen2", Llamas::qwen2),
            Map.entry("qwen2_moe", Llamas::qwen2Moe),
            Map.entry("qwen3", Llamas::qwen3),
            Map.entry("qwen3_moe", Llamas::qwen3Moe),
            Map.entry("RefinedWeb", Gpts::falcon),
            Map.entry("RefinedWebModel", Gpts::falcon),
            Map.entry("roberta", Encoders::roberta),
            Map.entry("smollm3", Llamas::smolLm3),
            Map.entry("stablelm", Llamas::stableLm),
            Map.entry("stablelm_epoch", Llamas::stableLm),
            Map.entry("starcoder2", Llamas::starcoder2),
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

    /** LlamaForCausalLM is of type llama: the longest type that a class name begins with. */
    private static Optional<Supplier<Family>> byArchitecture(String name) {
        String plain = plain(name);
        return BY_TYPE.keySet().stream()
                .filter(type -> plain.startsWith(plain(type)))
                .max(Comparator.comparingInt(String::length))
                .map(BY_TYPE::get);
    }

    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replace("_", "").replace("-", "");
    }
}
