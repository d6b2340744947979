package dev.laconic.model.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.laconic.core.error.UsageException;
import dev.laconic.model.chat.Message.Media;
import dev.laconic.model.chat.Message.Text;
import dev.laconic.model.chat.Message.ToolCall;
import dev.laconic.model.template.Rendering;
import dev.laconic.model.template.TemplateException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Templates of our own in the manner of the families of published ones. */
class ChatTemplateTest {
    private static final ChatOptions PROMPT =
            ChatOptions.builder().bosToken("<s>").eosToken("</s>").build();
    private static final ChatOptions NO_PROMPT = ChatOptions.builder()
            .bosToken("<s>")
            .eosToken("</s>")
            .addGenerationPrompt(false)
            .build();
    private static final List<Message> TALK = List.of(
            Message.system("Be kind."), Message.user("Hi"), Message.assistant("Hello."), Message.user("Who?"));
    private static final ToolCall CALL = new ToolCall("call00001", "weather", map("city", "Zürich", "days", 2));
    private static final List<Message> TOOL_TALK = List.of(
            Message.user("Rain?"), Message.calling(CALL), Message.answer(CALL, "{\"rain\": true}"));
    private static final List<Map<String, ?>> TOOLS =
            List.of(map("type", "function", "function", map("description", "Tells it.", "name", "weather")));

    @Test
    void chatml() {
        assertThat(ChatTemplate.chatml().render(TALK, PROMPT))
                .isEqualTo("<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n"
                        + "<|im_start|>assistant\nHello.<|im_end|>\n<|im_start|>user\nWho?<|im_end|>\n"
                        + "<|im_start|>assistant\n");
        assertThat(ChatTemplate.chatml().render(TALK, NO_PROMPT)).endsWith("Who?<|im_end|>\n");
    }

    @Test
    void plainSaysThatTheModelBringsNone() {
        ChatTemplate plain = ChatTemplate.plain();
        assertThat(plain.name()).isEqualTo("plain (the model brings no chat template)");
        assertThat(plain.render(TALK, PROMPT))
                .isEqualTo("system: Be kind.\nuser: Hi\nassistant: Hello.\nuser: Who?\nassistant:");
        assertThat(plain.render(List.of(Message.user("a\n"), Message.assistant("b")), NO_PROMPT))
                .isEqualTo("user: a\n\nassistant: b\n");
    }

    @Test
    void annotatesWhatTheAssistantWrote() {
        for (ChatTemplate template : List.of(ChatTemplate.chatml(), ChatTemplate.plain())) {
            assertThat(template.marksGenerated()).isTrue();
            Rendering rendering = template.annotated(TALK, PROMPT);
            assertThat(rendering.generated()).hasSize(1);
            Rendering.Span span = rendering.generated().getFirst();
            assertThat(rendering.text().substring(span.from(), span.to())).startsWith("Hello.");
        }
    }

    /** System text in front of the first user message, roles that must alternate, tools in brackets. */
    @Test
    void instructionBrackets() {
        ChatTemplate template = ChatTemplate.compile(
                "brackets",
                """
                {%- if messages[0]['role'] == 'system' %}
                    {%- set system, rest = messages[0]['content'], messages[1:] %}
                {%- else %}{% set rest = messages %}{% endif %}
                {{- bos_token }}
                {%- set ns = namespace(turn=0) %}
                {%- for m in rest %}
                    {%- if m.role in ('user', 'assistant') and not m.tool_calls %}
                        {%- if (m.role == 'user') != (ns.turn % 2 == 0) %}
                            {{- raise_exception('roles must alternate') }}
                        {%- endif %}
                        {%- set ns.turn = ns.turn + 1 %}
                    {%- endif %}
                {%- endfor %}
                {%- set users = rest | selectattr('role', 'equalto', 'user') | list %}
                {%- for m in rest %}
                    {%- if m.role == 'user' %}
                        {%- if tools is not none and m == users[-1] %}
                            {{- '[TOOLS]' ~ (tools | map(attribute='function') | list | tojson) ~ '[/TOOLS]' }}
                        {%- endif %}
                        {%- set lead = system + '\\n\\n' if loop.first and system is defined else '' %}
                        {{- '[INST] ' + lead + m['content'] + ' [/INST]' }}
                    {%- elif m.tool_calls is defined %}
                        {{- '[CALLS][' }}
                        {%- for call in m.tool_calls %}
                            {%- if call.id | length != 9 %}
                                {{- raise_exception('call ids have 9 characters') }}
                            {%- endif %}
                            {{- (call.function | tojson)[:-1] ~ ', "id": "' ~ call.id ~ '"}' }}
                            {{- ', ' if not loop.last else ']' }}
                        {%- endfor %}
                        {{- eos_token }}
                    {%- elif m.role == 'tool' %}
                        {{- '[RESULT]{"content": ' ~ m.content ~ ', "id": "' ~ m.tool_call_id ~ '"}[/RESULT]' }}
                    {%- else %}
                        {{- ' ' + m['content'] | trim + eos_token }}
                    {%- endif %}
                {%- endfor %}
                """);
        assertThat(template.render(TALK, PROMPT))
                .isEqualTo("<s>[INST] Be kind.\n\nHi [/INST] Hello.</s>[INST] Who? [/INST]");
        assertThat(template.render(TOOL_TALK, withTools()))
                .isEqualTo("<s>[TOOLS][{\"description\": \"Tells it.\", \"name\": \"weather\"}][/TOOLS]"
                        + "[INST] Rain? [/INST][CALLS][{\"name\": \"weather\","
                        + " \"arguments\": {\"city\": \"Zürich\", \"days\": 2}, \"id\": \"call00001\"}]</s>"
                        + "[RESULT]{\"content\": {\"rain\": true}, \"id\": \"call00001\"}[/RESULT]");
        assertThat(template.readsTools()).isTrue();
        assertThat(template.readsDocuments()).isFalse();
        assertThatThrownBy(() -> template.render(List.of(Message.assistant("first")), PROMPT))
                .isInstanceOf(TemplateException.class)
                .hasMessage("template brackets, line 9: the template refuses: roles must alternate");
    }

    /** Header tokens, a date, tools in the system message, thinking cut out of earlier turns. */
    @Test
    void headersAndThinking() {
        ChatTemplate template = ChatTemplate.compile(
                "headers",
                """
                {%- macro header(role) -%}<|{{ role }}|>{%- endmacro -%}
                {%- set ns = namespace(last=messages|length - 1) %}
                {%- for m in messages[::-1] %}
                    {%- if m.role == 'user' and not (m.content.startswith('<r>') and m.content.endswith('</r>')) %}
                        {%- set ns.last = messages|length - 1 - loop.index0 %}
                        {%- break %}
                    {%- endif %}
                {%- endfor %}
                {{- header('system') }}Today is {{ strftime_now('%d %b %Y') }}.
                {%- if tools %}
                    {{- '\\n# Tools' }}
                    {%- for tool in tools %}{{ '\\n' }}{{ tool | tojson(indent=2) }}{% endfor %}
                {%- endif %}
                {%- for m in messages %}
                    {%- set content = m.content if m.content is string else '' %}
                    {%- if m.role == 'assistant' %}
                        {%- set reasoning = '' %}
                        {%- if m.reasoning_content is string %}
                            {%- set reasoning = m.reasoning_content %}
                        {%- elif '</think>' in content %}
                            {%- set before = content.split('</think>')[0].rstrip('\\n') %}
                            {%- set reasoning = before.split('<think>')[-1].lstrip('\\n') %}
                            {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
                        {%- endif %}
                        {{- header('assistant') }}
                        {%- if loop.index0 > ns.last and reasoning %}
                            {{- '<think>' ~ reasoning.strip() ~ '</think>' }}
                        {%- endif %}
                        {{- content }}
                        {%- for call in m.tool_calls or [] %}
                            {%- set call = call.function if call.function else call %}
                            {{- '<call>' }}{{ call.name }}(
                            {%- for key, value in call.arguments.items() %}
                                {{- key }}={{ value | tojson if value is not string else value }}
                                {{- ', ' if not loop.last }}
                            {%- endfor %}){{ '</call>' }}
                        {%- endfor %}
                    {%- else %}
                        {{- header(m.role) ~ content }}
                    {%- endif %}
                {%- endfor %}
                {%- if add_generation_prompt %}
                    {{- header('assistant') }}
                    {%- if enable_thinking is defined and enable_thinking is false %}{{ '<think></think>' }}{% endif %}
                {%- endif %}
                """);
        ChatOptions options = ChatOptions.builder()
                .tools(TOOLS)
                .variables(Map.of("enable_thinking", false))
                .clock(Clock.fixed(Instant.parse("2025-03-09T00:00:00Z"), ZoneOffset.UTC))
                .build();
        List<Message> talk = List.of(
                Message.user("a"),
                Message.assistant("<think>\nold\n</think>\n\nanswer"),
                Message.user("b"),
                Message.calling(CALL).withReasoning(" new\n"),
                Message.answer(CALL, "yes"));
        assertThat(template.render(talk, options))
                .isEqualTo("""
                        <|system|>Today is 09 Mar 2025.
                        # Tools
                        {
                          "type": "function",
                          "function": {
                            "description": "Tells it.",
                            "name": "weather"
                          }
                        }<|user|>a<|assistant|>answer<|user|>b<|assistant|><think>new</think>\
                        <call>weather(city=Zürich, days=2)</call><|tool|>yes<|assistant|><think></think>""");
    }

    @Test
    void argumentsAreTextWhereATemplateFailsOnAMapping() {
        ChatTemplate template = ChatTemplate.compile(
                "glue",
                """
                {% for m in messages %}{% if m['role'] == 'assistant' and m['content'] is none %}\
                {% for c in m['tool_calls'] %}{% set f = c['function'] %}\
                {{ '<call>' + f['name'] + '\\n' + f['arguments'] }}{% endfor %}\
                {% else %}{{ m['role'] + ':' + m['content'] + ';' }}{% endif %}{% endfor %}""");
        assertThat(template.render(TOOL_TALK, PROMPT))
                .isEqualTo("user:Rain?;<call>weather\n{\"city\": \"Zürich\", \"days\": 2}tool:{\"rain\": true};");
    }

    @Test
    void missingContentIsEmptyWhereATemplateFailsOnNone() {
        ChatTemplate template = ChatTemplate.compile(
                "strict",
                "{% for m in messages %}{{ m.role + ':' + m.content }}{% if m.tool_calls %}{{ m.tool_calls | tojson }}"
                        + "{% endif %};{% endfor %}");
        assertThat(template.render(List.of(Message.calling(new ToolCall("1", "f", Map.of()))), PROMPT))
                .isEqualTo("assistant:[{\"id\": \"1\", \"type\": \"function\","
                        + " \"function\": {\"name\": \"f\", \"arguments\": {}}}];");
        ChatTemplate deaf =
                ChatTemplate.compile("deaf", "{% for m in messages %}{{ m.role ~ ':' ~ m.content }};{% endfor %}");
        assertThat(deaf.render(TOOL_TALK, PROMPT)).isEqualTo("user:Rain?;assistant:;tool:{\"rain\": true};");
    }

    @Test
    void aFailureIsThatOfTheUsualForm() {
        ChatTemplate template = ChatTemplate.compile(
                "refusing", "{{ raise_exception('arguments ' ~ messages[1].tool_calls[0].function.arguments) }}");
        assertThatThrownBy(() -> template.render(TOOL_TALK, PROMPT))
                .hasMessageContaining("arguments {'city': 'Zürich', 'days': 2}");
    }

    @Test
    void contentIsPartsWhereATemplateReadsParts() {
        ChatTemplate parts = ChatTemplate.compile(
                "parts",
                "{% for m in messages %}{{ m.role }}:{% for p in m.content %}"
                        + "{{ '<image>' if p.type == 'image' else p.text }}{% endfor %};{% endfor %}");
        assertThat(parts.readsMedia()).isTrue();
        assertThat(parts.render(List.of(Message.user("one"), Message.assistant("two")), PROMPT))
                .isEqualTo("user:one;assistant:two;");
        Message mixed = Message.of("user", List.of(new Text("see "), new Media("image", Map.of("url", "x"))));
        assertThat(parts.render(List.of(mixed), PROMPT)).isEqualTo("user:see <image>;");
        ChatTemplate both = ChatTemplate.compile(
                "both",
                "{% for m in messages %}{% if m.content is string %}{{ m.content }}{% else %}"
                        + "{% for p in m.content %}[{{ p.text if p.type == 'text' else p.type }}]{% endfor %}"
                        + "{% endif %}{% endfor %}");
        assertThat(both.render(List.of(Message.user("one"), mixed), PROMPT)).isEqualTo("one[see ][image]");
    }

    @Test
    void partsAreJoinedWhereATemplateReadsOnlyText() {
        ChatTemplate text = ChatTemplate.compile("text", "{% for m in messages %}{{ m.content }}{% endfor %}");
        assertThat(text.readsMedia()).isFalse();
        Message two = Message.of("user", List.of(new Text("one"), new Text("two")));
        assertThat(text.render(List.of(two), PROMPT)).isEqualTo("one\ntwo");
        Message image = Message.of("user", List.of(new Media("image", Map.of())));
        assertThatThrownBy(() -> text.render(List.of(image), PROMPT))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("chat template text: found content that is not text in a message of user");
    }

    @Test
    void inputsHaveTheNamesThatTransformersGivesThem() {
        ChatTemplate template = ChatTemplate.compile(
                "names",
                "{{ bos_token }}|{{ eos_token }}|{{ tools is none }}|{{ documents is none }}|"
                        + "{{ pad_token is defined }}|{{ add_generation_prompt }}|{{ messages[0] }}");
        Message message = Message.user("x").withName("Ann").withExtra(Map.of("prefix", true));
        assertThat(template.render(List.of(message), PROMPT))
                .isEqualTo("<s>|</s>|True|True|False|True|"
                        + "{'role': 'user', 'content': 'x', 'name': 'Ann', 'prefix': True}");
        ChatOptions more = ChatOptions.builder()
                .documents(List.of(Map.of("text", "d")))
                .variables(Map.of("pad_token", "<p>", "add_generation_prompt", "replaced"))
                .build();
        assertThat(template.render(List.of(message), more)).startsWith("||True|False|True|replaced|");
    }

    @Test
    void reasoningHasTheNameThatTheTemplateReads() {
        Message message = Message.assistant("a").withReasoning("why");
        assertThat(ChatTemplate.compile("thinking", "{{ messages[0].thinking }}").render(List.of(message), PROMPT))
                .isEqualTo("why");
        assertThat(ChatTemplate.compile("reasoning", "{{ messages[0]['reasoning_content'] }}{{ thinking }}")
                        .render(List.of(message), PROMPT))
                .isEqualTo("why");
    }

    private static Map<String, Object> map(Object... entries) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < entries.length; i += 2) map.put((String) entries[i], entries[i + 1]);
        return map;
    }

    private static ChatOptions withTools() {
        return ChatOptions.builder()
                .bosToken("<s>")
                .eosToken("</s>")
                .tools(TOOLS)
                .build();
    }
}
