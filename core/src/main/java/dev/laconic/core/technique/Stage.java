package dev.laconic.core.technique;

import dev.laconic.core.error.UsageException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** A stop on the token's journey. In configuration and JSON it is written in lower case. */
public enum Stage {
    /** Text to tokens: fewer tokens for the same text. */
    TOKENIZE,
    /** Fewer tokens sent to the model. */
    PROMPT,
    /** Fewer tokens computed, between layers. */
    PREFILL,
    /** Fewer bytes kept of what was computed. */
    CACHE,
    /** Fewer steps to say the answer. */
    DECODE,
    /** Many requests at a time. */
    SERVE,
    /** Smaller models. */
    WEIGHTS,
    /** Cheaper training. */
    TRAIN,
    /** Less but better data to train on. */
    DATA,
    /** Images, sound, video and meshes to tokens. */
    MEDIA;

    private final String id = name().toLowerCase(Locale.ROOT);

    /** Its name in configuration and JSON. */
    public String id() {
        return id;
    }

    /**
     * The stage of this name.
     *
     * @throws UsageException if there is none; the message lists the stages
     */
    public static Stage of(String id) {
        for (Stage stage : values()) if (stage.id.equals(id)) return stage;
        List<String> ids = Arrays.stream(values()).map(Stage::id).toList();
        throw new UsageException(Nearest.unknown("stage", id, ids, "stages"));
    }

    @Override
    public String toString() {
        return id;
    }
}
