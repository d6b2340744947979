package dev.laconic.tokenize;

import dev.laconic.tokenize.subword.SymbolTable;
import java.util.BitSet;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * The tokens by id and by spelling.
 *
 * @param symbols the tokens first; it may hold more
 * @param size number of tokens
 * @param added ids of tokens that {@code symbols} does not find
 * @param control tokens that are no text
 */
record Vocabulary(SymbolTable symbols, int size, Map<String, Integer> added, BitSet control) {

    String token(int id) {
        return symbols.string(Objects.checkIndex(id, size));
    }

    OptionalInt id(String token) {
        Integer id = added.get(token);
        if (id != null) return OptionalInt.of(id);
        int found = symbols.find(token);
        return found >= 0 && found < size ? OptionalInt.of(found) : OptionalInt.empty();
    }

    boolean isControl(int id) {
        return control.get(Objects.checkIndex(id, size));
    }
}
