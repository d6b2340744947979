package dev.laconic.model.chat;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a chat template is given besides the messages.
 *
 * @param addGenerationPrompt whether the text ends where the assistant's next message begins
 * @param tools the tools the model may call, as JSON: {@code {"type": "function", "function": {"name": ...}}}
 * @param documents the texts the model is to answer from, as JSON: {@code {"title": ..., "text": ...}}
 * @param bosToken the text of the token that begins a sequence
 * @param eosToken the text of the token that ends a sequence
 * @param variables further variables, as {@code enable_thinking}; one named as another input replaces it
 * @param clock what templates that write today's date read
 */
public record ChatOptions(
        boolean addGenerationPrompt,
        List<Map<String, ?>> tools,
        List<Map<String, ?>> documents,
        Optional<String> bosToken,
        Optional<String> eosToken,
        Map<String, ?> variables,
        Clock clock) {

    public ChatOptions {
        tools = List.copyOf(tools);
        documents = List.copyOf(documents);
    }

    /** Starts with a generation prompt and nothing else. */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects options. */
    public static final class Builder {
        private boolean addGenerationPrompt = true;
        private List<Map<String, ?>> tools = List.of();
        private List<Map<String, ?>> documents = List.of();
        private Optional<String> bosToken = Optional.empty();
        private Optional<String> eosToken = Optional.empty();
        private Map<String, ?> variables = Map.of();
        private Clock clock = Clock.systemDefaultZone();

        private Builder() {}

        public Builder addGenerationPrompt(boolean value) {
            addGenerationPrompt = value;
            return this;
        }

        public Builder tools(List<Map<String, ?>> value) {
            tools = value;
            return this;
        }

        public Builder documents(List<Map<String, ?>> value) {
            documents = value;
            return this;
        }

        public Builder bosToken(String value) {
            bosToken = Optional.of(value);
            return this;
        }

        public Builder eosToken(String value) {
            eosToken = Optional.of(value);
            return this;
        }

        public Builder variables(Map<String, ?> value) {
            variables = value;
            return this;
        }

        public Builder clock(Clock value) {
            clock = value;
            return this;
        }

        public ChatOptions build() {
            return new ChatOptions(addGenerationPrompt, tools, documents, bosToken, eosToken, variables, clock);
        }
    }
}
