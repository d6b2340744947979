package dev.laconic.train;

import dev.laconic.tokenize.train.ByteLevelBpe;
import java.util.List;

/** The house models' special tokens and how a conversation is written with them. */
public final class ChatFormat {
    static final String BEGIN = "<|begin|>";
    static final String END = "<|end|>";
    static final String SYSTEM = "<|system|>";
    static final String USER = "<|user|>";
    static final String ASSISTANT = "<|assistant|>";
    static final String MASK = "<|mask|>";
    static final String CLASS = "<|class|>";
    static final String SEPARATOR = "<|separator|>";
    static final String PAD = "<|pad|>";

    /** All special tokens, by id; the last ones are free for later use. */
    static final List<String> SPECIALS = List.of(
            BEGIN,
            END,
            SYSTEM,
            USER,
            ASSISTANT,
            MASK,
            PAD,
            "<|tool|>",
            CLASS,
            SEPARATOR,
            "<|free0|>",
            "<|free1|>",
            "<|free2|>",
            "<|free3|>",
            "<|free4|>",
            "<|free5|>");

    /** The chat template: a reply begins with a space, so that its first word is spelled as inside a text. */
    static final String TEMPLATE =
            """
            {{- bos_token }}{% for message in messages %}{% if message['role'] == 'assistant' %}\
            {{ '<|assistant|> ' + message['content'] | trim + '<|end|>' }}{% else %}\
            {{ '<|' + message['role'] + '|>' + message['content'] | trim + '<|end|>' }}{% endif %}{% endfor %}\
            {% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}""";

    final int begin;
    final int end;
    final int system;
    final int user;
    final int assistant;
    final int mask;
    final int pad;

    ChatFormat(ByteLevelBpe vocabulary) {
        begin = vocabulary.special(BEGIN);
        end = vocabulary.special(END);
        system = vocabulary.special(SYSTEM);
        user = vocabulary.special(USER);
        assistant = vocabulary.special(ASSISTANT);
        mask = vocabulary.special(MASK);
        pad = vocabulary.special(PAD);
    }
}
