package dev.laconic.model.load.huggingface;

import dev.laconic.format.safetensors.SafetensorsDirectory;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** How a sentence encoder's folder says that vectors are pooled, as GGUF's {@code pooling_type}. */
final class Pooling {
    private static final long MEAN = 1;
    private static final long CLS = 2;
    private static final long LAST = 3;
    private static final long RANK = 4;

    private Pooling() {}

    /** What {@code 1_Pooling/config.json} chooses, or that a classifier ranks. */
    static Optional<Long> of(SafetensorsDirectory directory, Config config, TensorMap map) {
        if (map.tensors().containsKey("cls.output.weight")
                && config.text("classifier_pooling").filter(pooling -> !pooling.equals("cls")).isEmpty())
            return Optional.of(RANK);
        return directory.json("1_Pooling/config.json").flatMap(Pooling::of);
    }

    private static Optional<Long> of(JsonNode pooling) {
        if (pooling.path("pooling_mode_mean_tokens").asBoolean(false)) return Optional.of(MEAN);
        if (pooling.path("pooling_mode_cls_token").asBoolean(false)) return Optional.of(CLS);
        if (pooling.path("pooling_mode_lasttoken").asBoolean(false)) return Optional.of(LAST);
        return Optional.empty();
    }
}
