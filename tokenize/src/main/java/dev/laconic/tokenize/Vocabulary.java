package dev.laconic.tokenize;

import dev.laconic.tokenize.subword.SymbolTable;
import java.util.BitSet;
import java.util.OptionalInt;

/**
 * The tokens by id and by spelling.
 *
 * @param symbols the tokens first; it may hold more
 * @param size number of tokens
 * @param control tokens that are no text
 */
record Vocabulary(SymbolTable symbols, int size, BitSet control) {

    String token(int id) {
        return symbols.string(java.util.Objects.checkIndex(id, size));
    }

    OptionalInt id(String token) {
        int id = symbols.find(token);
        return id >= 0 && id < size ? OptionalInt.of(id) : OptionalInt.empty();
    }

    boolean isControl(int id) {
        return control.get(java.util.Objects.checkIndex(id, size));
    }
}
