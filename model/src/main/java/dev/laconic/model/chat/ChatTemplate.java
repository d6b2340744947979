package dev.laconic.model.chat;

import dev.laconic.core.error.UsageException;
import dev.laconic.model.chat.Message.Media;
import dev.laconic.model.chat.Message.Part;
import dev.laconic.model.chat.Message.Text;
import dev.laconic.model.chat.Message.ToolCall;
import dev.laconic.model.template.Rendering;
import dev.laconic.model.template.Template;
import dev.laconic.model.template.TemplateException;
import dev.laconic.model.template.TemplateLimits;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Turns a conversation into a prompt. Templates differ in the form they expect messages in; a message is given to a
 * template in the form it can read: text as one string or as a list of parts, the arguments of tool calls as a mapping
 * or, where the template fails on that, as JSON text. Safe for use by several threads.
 */
public final class ChatTemplate {
    private static final String PLAIN =
            """
            {% for message in messages %}{{ message.role ~ ': ' }}\
            {% if message.role == 'assistant' %}{% generation %}{{ message.content }}{% endgeneration %}\
            {% else %}{{ message.content }}{% endif %}{{ '\\n' }}{% endfor %}\
            {{ 'assistant:' if add_generation_prompt }}""";

    private static final String CHATML =
            """
            {% for message in messages %}{{ '<|im_start|>' ~ message.role ~ '\\n' }}\
            {% if message.role == 'assistant' %}{% generation %}{{ message.content ~ '<|im_end|>' }}{% endgeneration %}\
            {% else %}{{ message.content ~ '<|im_end|>' }}{% endif %}{{ '\\n' }}{% endfor %}\
            {{ '<|im_start|>assistant\\n' if add_generation_prompt }}""";

    private static final Template JSON = Template.compile("json", "{{ value | tojson }}");
    private static final String PROBE = "laconic probe";
    private static final TemplateLimits PROBE_LIMITS = new TemplateLimits(500_000, 10_000_000, 1_000_000, 400);

    private final Template template;
    private final boolean readsText;
    private final boolean readsParts;
    private final String reasoningField;

    private ChatTemplate(Template template, boolean readsText, boolean readsParts) {
        this.template = template;
        this.readsText = readsText;
        this.readsParts = readsParts;
        this.reasoningField = List.of("reasoning_content", "reasoning", "thinking").stream()
                .filter(template.words()::contains)
                .findFirst()
                .orElse("reasoning_content");
    }

    /**
     * @param name what error messages call the template
     * @param source in the Jinja language
     * @throws TemplateException if the source is not a template
     */
    public static ChatTemplate compile(String name, String source) {
        Template probe = Template.compile(name, source, PROBE_LIMITS);
        boolean readsText = shows(probe, PROBE);
        boolean readsParts = shows(probe, List.of(Map.of("type", "text", "text", PROBE)));
        return new ChatTemplate(Template.compile(name, source), readsText || !readsParts, readsParts);
    }

    /** Messages between {@code <|im_start|>} and {@code <|im_end|>}. */
    public static ChatTemplate chatml() {
        return compile("chatml", CHATML);
    }

    /** Lines of "role: text", for models that bring no template. */
    public static ChatTemplate plain() {
        return compile("plain (the model brings no chat template)", PLAIN);
    }

    /** Whether the template writes a user's content that has this form, and as text. */
    private static boolean shows(Template template, Object content) {
        Map<String, Object> variables = new HashMap<>();
        variables.put("messages", List.of(Map.of("role", "user", "content", content)));
        variables.put("add_generation_prompt", true);
        variables.put("tools", null);
        variables.put("documents", null);
        variables.put("bos_token", "");
        variables.put("eos_token", "");
        try {
            String text = template.render(variables).text();
            return text.contains(PROBE) && !text.contains("'" + PROBE + "'") && !text.contains("\"" + PROBE + "\"");
        } catch (TemplateException refused) {
            return false;
        }
    }

    public String name() {
        return template.name();
    }

    /** Whether the template tells the model of tools. */
    public boolean readsTools() {
        return template.words().contains("tools");
    }

    /** Whether the template tells the model of documents. */
    public boolean readsDocuments() {
        return template.words().contains("documents");
    }

    /** Whether content may have parts that are not text. */
    public boolean readsMedia() {
        return readsParts;
    }

    /** Whether the template says which text the assistant wrote: {@link #annotated} needs it. */
    public boolean marksGenerated() {
        return template.generates();
    }

    /**
     * The prompt, with the text of special tokens in it.
     *
     * @throws TemplateException if the template refuses the conversation or fails on it
     * @throws UsageException if a message has content that the template cannot read
     */
    public String render(List<Message> messages, ChatOptions options) {
        return annotated(messages, options).text();
    }

    /**
     * The prompt, and the parts of it that the assistant wrote if the template has generation blocks.
     *
     * @throws TemplateException if the template refuses the conversation or fails on it
     * @throws UsageException if a message has content that the template cannot read
     */
    public Rendering annotated(List<Message> messages, ChatOptions options) {
        Optional<TemplateException> failure = Optional.empty();
        for (Dialect dialect : dialects(messages)) {
            try {
                return template.render(variables(messages, options, dialect), options.clock());
            } catch (TemplateException e) {
                // That a template cannot read arguments as text says nothing about the conversation.
                if (!dialect.textArguments()) failure = Optional.of(e);
            }
        }
        throw failure.orElseThrow();
    }

    /**
     * A form of messages that call tools.
     *
     * @param textArguments whether arguments are JSON text rather than a mapping
     * @param emptyContent whether missing content is empty text rather than none
     */
    private record Dialect(boolean textArguments, boolean emptyContent) {}

    /** The forms to try, the usual one first. */
    private List<Dialect> dialects(List<Message> messages) {
        boolean calls = messages.stream().anyMatch(message -> !message.toolCalls().isEmpty());
        if (!calls) return List.of(new Dialect(false, true));
        boolean readsCalls = template.words().contains("tool_calls");
        List<Dialect> emptyContent = List.of(new Dialect(false, true), new Dialect(true, true));
        if (!readsCalls) return emptyContent;
        List<Dialect> dialects = new ArrayList<>(List.of(new Dialect(false, false), new Dialect(true, false)));
        dialects.addAll(emptyContent);
        return dialects;
    }

    private Map<String, Object> variables(List<Message> messages, ChatOptions options, Dialect dialect) {
        Map<String, Object> variables = new HashMap<>();
        options.bosToken().ifPresent(token -> variables.put("bos_token", token));
        options.eosToken().ifPresent(token -> variables.put("eos_token", token));
        variables.put("add_generation_prompt", options.addGenerationPrompt());
        variables.put("tools", options.tools().isEmpty() ? null : options.tools());
        variables.put("documents", options.documents().isEmpty() ? null : options.documents());
        variables.put("messages", messages.stream().map(m -> fields(m, dialect)).toList());
        variables.putAll(options.variables());
        return variables;
    }

    private Map<String, Object> fields(Message message, Dialect dialect) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("role", message.role());
        fields.put("content", content(message, dialect));
        message.reasoning().ifPresent(text -> fields.put(reasoningField, text));
        if (!message.toolCalls().isEmpty())
            fields.put(
                    "tool_calls",
                    message.toolCalls().stream().map(call -> fields(call, dialect)).toList());
        message.toolCallId().ifPresent(id -> fields.put("tool_call_id", id));
        message.name().ifPresent(name -> fields.put("name", name));
        fields.putAll(message.extra());
        return fields;
    }

    private Object content(Message message, Dialect dialect) {
        List<Part> parts = message.content();
        if (parts.isEmpty()) return dialect.emptyContent() || message.toolCalls().isEmpty() ? "" : null;
        boolean text = parts.stream().allMatch(part -> part instanceof Text);
        if (readsParts && (!readsText || !text || parts.size() > 1))
            return parts.stream().map(ChatTemplate::fields).toList();
        if (!text)
            throw new UsageException("chat template " + name() + ": found content that is not text in a message of "
                    + message.role() + ", expected text alone");
        return parts.stream().map(part -> ((Text) part).text()).collect(Collectors.joining("\n"));
    }

    private static Map<String, Object> fields(Part part) {
        Map<String, Object> fields = new LinkedHashMap<>();
        switch (part) {
            case Text text -> {
                fields.put("type", "text");
                fields.put("text", text.text());
            }
            case Media media -> {
                fields.put("type", media.type());
                fields.putAll(media.fields());
            }
        }
        return fields;
    }

    private static Map<String, Object> fields(ToolCall call, Dialect dialect) {
        Object arguments = dialect.textArguments()
                ? JSON.render(Map.of("value", call.arguments())).text()
                : call.arguments();
        Map<String, Object> function = new LinkedHashMap<>();
        function.put("name", call.name());
        function.put("arguments", arguments);
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("id", call.id());
        fields.put("type", "function");
        fields.put("function", function);
        return fields;
    }
}
