package dev.laconic.model.chat;

import dev.laconic.core.error.UsageException;
import dev.laconic.tokenize.EncodeOptions;
import dev.laconic.tokenize.Tokenizer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Messages to the tokens a model expects. The template's own special tokens count as such; where a message spells one,
 * that is text like any other, so that nobody can end a turn or speak in another role by writing its token. Around such
 * a spelling the text is cut, and a tokenizer that begins every text with a space begins the pieces with one as well.
 */
public final class ChatPrompt {
    /** A noncharacter that breaks the spelling of a special token in a message until the template is rendered. */
    private static final char GUARD = '\uFDD0';

    /** A noncharacter that stands between two parts of a message until the template is rendered. */
    private static final String CUT = "\uFDD1";

    private final ChatTemplate template;
    private final Tokenizer tokenizer;
    private final List<String> spellings;

    public ChatPrompt(ChatTemplate template, Tokenizer tokenizer) {
        this.template = template;
        this.tokenizer = tokenizer;
        this.spellings = IntStream.range(0, tokenizer.vocabularySize())
                .filter(tokenizer::isControl)
                .mapToObj(tokenizer::token)
                .filter(spelling -> spelling.length() > 1)
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList();
    }

    public ChatTemplate template() {
        return template;
    }

    /** The conversation so far, ready for the model's reply. */
    public int[] ids(List<Message> messages) {
        return withBeginning(tokens(render(messages)));
    }

    /**
     * A user's message in parts, ready for the model's reply: the tokens of what introduces it, those of each part by
     * themselves, and with the last part's those of what comes behind.
     *
     * @throws UsageException if the template does not give the message once
     */
    public List<int[]> pieces(List<String> parts) {
        String message = parts.stream().map(part -> CUT + part.replace(CUT, "")).collect(Collectors.joining());
        List<String> texts = List.of(render(List.of(Message.user(message))).split(CUT, -1));
        if (texts.size() != parts.size() + 1)
            throw new UsageException(
                    "the model's chat template does not give a message as it is: its parts cannot be told apart");
        List<int[]> pieces = new ArrayList<>();
        for (String text : texts) pieces.add(pieces.isEmpty() ? withBeginning(tokens(text)) : tokens(text));
        return pieces;
    }

    private String render(List<Message> messages) {
        ChatOptions.Builder options = ChatOptions.builder();
        tokenizer.special().bos().ifPresent(token -> options.bosToken(tokenizer.token(token)));
        tokenizer.special().eos().ifPresent(token -> options.eosToken(tokenizer.token(token)));
        return template.render(messages.stream().map(this::guarded).toList(), options.build());
    }

    private int[] tokens(String text) {
        List<int[]> parts = new ArrayList<>();
        int from = 0;
        for (int guard = text.indexOf(GUARD); guard >= 0; guard = text.indexOf(GUARD, from)) {
            int start = guard - 1;
            String spelling = spellingAt(text, start);
            parts.add(tokenizer.ids(text.substring(from, start), EncodeOptions.TEMPLATE));
            parts.add(tokenizer.ids(spelling, EncodeOptions.PLAIN));
            from = guard + spelling.length();
        }
        parts.add(tokenizer.ids(text.substring(from), EncodeOptions.TEMPLATE));
        return parts.stream().flatMapToInt(IntStream::of).toArray();
    }

    /** Many templates leave the token that begins a text to the tokenizer. */
    private int[] withBeginning(int[] ids) {
        OptionalInt bos = tokenizer.special().bos();
        if (bos.isEmpty() || ids.length > 0 && ids[0] == bos.getAsInt()) return ids;
        int[] around = tokenizer.ids("", EncodeOptions.PROMPT);
        if (around.length == 0 || around[0] != bos.getAsInt()) return ids;
        return IntStream.concat(IntStream.of(bos.getAsInt()), IntStream.of(ids)).toArray();
    }

    /** The special token whose first character stands at {@code start}, with a guard after it. */
    private String spellingAt(String text, int start) {
        for (String spelling : spellings)
            if (text.charAt(start) == spelling.charAt(0)
                    && text.startsWith(spelling.substring(1), start + 2)) return spelling;
        throw new IllegalStateException("a guard without a special token at " + start);
    }

    private Message guarded(Message message) {
        List<Message.Part> parts = message.content().stream()
                .map(part -> part instanceof Message.Text(String text) ? new Message.Text(guarded(text)) : part)
                .toList();
        return new Message(message.role(), parts, message.toolCalls(), message.name(), message.toolCallId(),
                message.reasoning(), message.extra());
    }

    /** A guard in every special token that the text spells; guards that stood in it are dropped. */
    private String guarded(String text) {
        String result = text.indexOf(GUARD) < 0 ? text : text.replace(String.valueOf(GUARD), "");
        for (String spelling : spellings)
            if (result.contains(spelling))
                result = result.replace(spelling, spelling.charAt(0) + String.valueOf(GUARD) + spelling.substring(1));
        return result;
    }
}
