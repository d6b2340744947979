package dev.laconic.model.chat;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One message of a conversation.
 *
 * @param role "system", "user", "assistant", "tool", or whatever else the model's template knows
 * @param content its parts in order; none for a message that only calls tools
 * @param toolCalls the tools an assistant message calls
 * @param name of the speaker, or of the tool that answers
 * @param toolCallId the call that a tool message answers
 * @param reasoning what an assistant message thought before it answered
 * @param extra further fields that the template may read
 */
public record Message(
        String role,
        List<Part> content,
        List<ToolCall> toolCalls,
        Optional<String> name,
        Optional<String> toolCallId,
        Optional<String> reasoning,
        Map<String, ?> extra) {

    public Message {
        content = List.copyOf(content);
        toolCalls = List.copyOf(toolCalls);
    }

    /** A message of text alone. */
    public static Message of(String role, String text) {
        return of(role, List.of(new Text(text)));
    }

    public static Message of(String role, List<Part> content) {
        return new Message(
                role, content, List.of(), Optional.empty(), Optional.empty(), Optional.empty(), Map.of());
    }

    public static Message system(String text) {
        return of("system", text);
    }

    public static Message user(String text) {
        return of("user", text);
    }

    public static Message assistant(String text) {
        return of("assistant", text);
    }

    /** An assistant message without text that calls tools. */
    public static Message calling(ToolCall... calls) {
        return of("assistant", List.of()).withToolCalls(List.of(calls));
    }

    /** What a tool answered to a call. */
    public static Message answer(ToolCall call, String text) {
        return new Message(
                "tool",
                List.of(new Text(text)),
                List.of(),
                Optional.of(call.name()),
                Optional.of(call.id()),
                Optional.empty(),
                Map.of());
    }

    public Message withToolCalls(List<ToolCall> calls) {
        return new Message(role, content, calls, name, toolCallId, reasoning, extra);
    }

    public Message withReasoning(String text) {
        return new Message(role, content, toolCalls, name, toolCallId, Optional.of(text), extra);
    }

    public Message withName(String speaker) {
        return new Message(role, content, toolCalls, Optional.of(speaker), toolCallId, reasoning, extra);
    }

    public Message withExtra(Map<String, ?> fields) {
        return new Message(role, content, toolCalls, name, toolCallId, reasoning, fields);
    }

    /** A piece of a message's content. */
    public sealed interface Part {}

    public record Text(String text) implements Part {}

    /**
     * An image, a sound, a video; the template puts the model's placeholder in its place.
     *
     * @param type "image", "audio", "video", "image_url"
     * @param fields what else the template may read of it
     */
    public record Media(String type, Map<String, ?> fields) implements Part {}

    /**
     * @param id what the answer refers to
     * @param name of the tool
     * @param arguments by name, as JSON has them: null, booleans, numbers, strings, lists and maps
     */
    public record ToolCall(String id, String name, Map<String, ?> arguments) {}
}
