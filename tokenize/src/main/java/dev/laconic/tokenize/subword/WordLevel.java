package dev.laconic.tokenize.subword;

import dev.laconic.tokenize.text.PieceSink;
import java.util.OptionalInt;

/** Every piece is one token, or unknown. */
public record WordLevel(SymbolTable tokens, OptionalInt unknown) implements SubwordModel {

    @Override
    public PieceSink open(TokenSink out) {
        return (text, from, to) -> {
            int id = tokens.find(text.chars(), from, to);
            if (id >= 0) out.token(id, text, from, to);
            else if (unknown.isPresent()) out.token(unknown.getAsInt(), text, from, to);
        };
    }
}
