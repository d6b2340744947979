package dev.laconic.tokenize.text;

import static dev.laconic.tokenize.text.CharClass.NUMBER;

/**
 * Ends a match wherever a run of digits can be cut into threes from its end. What stands before the run belongs to its
 * first match, as the engine that defined these files has it.
 */
final class DigitGroups implements TextPattern {

    @Override
    public long find(char[] chars, int from, int to, int at) {
        int digits = at;
        while (digits < to && (CharClass.at(chars, digits, to) & NUMBER) == 0) digits += CharClass.width(chars, digits, to);
        if (digits >= to) return NONE;
        int count = 0;
        for (int i = digits; i < to && (CharClass.at(chars, i, to) & NUMBER) != 0; i += CharClass.width(chars, i, to)) count++;
        return TextPattern.span(at, Runs.of(chars, digits, to, NUMBER, count % 3 == 0 ? 3 : count % 3));
    }
}
