package dev.laconic.bench.cache;

import dev.laconic.core.tensor.Tensor;
import dev.laconic.format.ModelFile;
import dev.laconic.model.Model;
import dev.laconic.model.chat.ChatPrompt;
import dev.laconic.model.chat.Message;
import dev.laconic.model.load.LoadedModel;
import dev.laconic.tokenize.EncodeOptions;
import dev.laconic.tokenize.Tokenizer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import java.util.zip.CRC32;

/**
 * The model on which techniques are judged.
 *
 * @param chat tokens of a conversation in which the user has said this and the model is to reply
 * @param name of the model, as results have it
 * @param weights tells models of one name apart
 */
public record Subject(Model model, Tokenizer tokenizer, Function<String, int[]> chat, String name, String weights) {
    private static final int SAMPLE = 1 << 20;

    /** An opened model, asked by its chat template; its name is its file's. */
    public static Subject of(LoadedModel loaded) {
        ChatPrompt chat = loaded.chatPrompt();
        Model model = loaded.model();
        String file = model.file().path().getFileName().toString();
        return new Subject(
                model,
                loaded.tokenizer(),
                user -> chat.ids(List.of(Message.user(user))),
                file.replaceFirst("\\.[^.]*$", ""),
                weights(model.file()));
    }

    /** Tokens of a text by itself. */
    int tokens(String text) {
        return tokenizer.count(text, EncodeOptions.PLAIN);
    }

    /** A checksum of every tensor's size and beginning. */
    private static String weights(ModelFile file) {
        CRC32 sum = new CRC32();
        byte[] sample = new byte[SAMPLE];
        for (Tensor tensor : file.tensors().values()) {
            int size = (int) Math.min(SAMPLE, tensor.data().byteSize());
            MemorySegment.copy(tensor.data(), ValueLayout.JAVA_BYTE, 0, sample, 0, size);
            sum.update(sample, 0, size);
            sum.update((tensor.name() + tensor.type() + tensor.shape()).getBytes(StandardCharsets.UTF_8));
        }
        return "%08x".formatted(sum.getValue());
    }
}
