package dev.laconic.tokenize.text;

/**
 * Words are what stands between white space, which goes.
 *
 * @param lowerCase letters become lower case
 */
public record SpacedWords(boolean lowerCase) implements PreTokenizer {

    @Override
    public PieceSink open(PieceSink next) {
        Text word = new Text();
        return (text, from, to) -> {
            word.clear();
            for (int i = from, end; i <= to; i = end) {
                end = i < to ? i + CharClass.width(text.chars(), i, to) : to + 1;
                if (i == to || CharClass.isWhitespace(text.charAt(i))) {
                    if (word.length() > 0) next.piece(word, 0, word.length());
                    word.clear();
                    continue;
                }
                int code = text.codePointAt(i);
                word.appendCodePoint(lowerCase ? Character.toLowerCase(code) : code, text.start(i), text.end(end - 1));
            }
        };
    }
}
