package dev.laconic.tokenize.subword;

import dev.laconic.tokenize.text.PieceSink;

/**
 * A piece that begins with a line end and is a token is that token; other pieces go to a model. For vocabularies whose
 * merges cannot make their tokens of several line ends.
 */
public record LineEnds(SymbolTable symbols, int vocabularySize, SubwordModel model) implements SubwordModel {

    @Override
    public PieceSink open(TokenSink out) {
        PieceSink others = model.open(out);
        return (text, from, to) -> {
            int id = from < to && text.charAt(from) == '\n' ? symbols.find(text.chars(), from, to) : SymbolTable.MISSING;
            if (id >= 0 && id < vocabularySize) out.token(id, text, from, to);
            else others.piece(text, from, to);
        };
    }
}
