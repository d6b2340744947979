package dev.laconic.model.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.error.UsageException;
import dev.laconic.format.Metadata;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;

class ChatTemplatesTest {
    private static final ChatOptions OPTIONS = ChatOptions.builder().build();

    @Test
    void readsThoseOfGgufMetadata() {
        SequencedMap<String, Object> values = new LinkedHashMap<>();
        values.put("tokenizer.chat_template", "one");
        values.put("tokenizer.chat_template.tool_use", "two");
        values.put("tokenizer.chat_templates", List.of("tool_use"));
        ChatTemplates templates = ChatTemplates.of(new Metadata("m.gguf", values));
        assertThat(templates.sources()).containsOnlyKeys("default", "tool_use");
        assertThat(choose(templates, false)).isEqualTo("one");
        assertThat(choose(templates, true)).isEqualTo("two");
        assertThat(ChatTemplates.of(new Metadata("m.gguf", new LinkedHashMap<>())).choose("m", false))
                .isEmpty();
    }

    @Test
    void readsThoseOfATokenizerConfig() {
        assertThat(choose(ChatTemplates.ofTokenizerConfig("c.json", "one"), true)).isEqualTo("one");
        ChatTemplates list = ChatTemplates.ofTokenizerConfig(
                "c.json",
                List.of(Map.of("name", "rag", "template", "three"), Map.of("name", "default", "template", "one")));
        assertThat(choose(list, true)).isEqualTo("one");
        assertThat(list.named("m", "rag").render(List.of(), OPTIONS)).isEqualTo("three");
        assertThat(list.named("m", "rag").name()).isEqualTo("m (rag)");
        for (Object wrong : Arrays.asList(null, 5, List.of("x"), List.of(Map.of("name", "x"))))
            assertThatThrownBy(() -> ChatTemplates.ofTokenizerConfig("c.json", wrong))
                    .isInstanceOf(MalformedInputException.class)
                    .hasMessageContaining("c.json: chat_template: found a");
    }

    @Test
    void aSingleTemplateNeedsNoName() {
        assertThat(choose(ChatTemplates.none().with("odd", "x"), false)).isEqualTo("x");
    }

    @Test
    void refusesNamesThatAreNotThere() {
        ChatTemplates templates = ChatTemplates.none().with("a", "x").with("b", "y");
        assertThatThrownBy(() -> templates.named("m.gguf", "c"))
                .isInstanceOf(UsageException.class)
                .hasMessage("chat template of m.gguf: found the name c, expected one of [a, b]");
        assertThatThrownBy(() -> templates.choose("m.gguf", false)).isInstanceOf(UsageException.class);
    }

    private static String choose(ChatTemplates templates, boolean tools) {
        return templates.choose("m", tools).orElseThrow().render(List.of(), OPTIONS);
    }
}
