package dev.laconic.format.tokenizer;

/**
 * A token that is found in text before the model sees it.
 *
 * @param content how it is spelt
 * @param singleWord it counts only where no word character touches it
 * @param stripLeft it takes the white space before it along
 * @param stripRight it takes the white space behind it along
 * @param normalized it is looked for in the normal form of the text
 * @param special it is no text but steers the model
 */
public record AddedToken(
        int id,
        String content,
        boolean singleWord,
        boolean stripLeft,
        boolean stripRight,
        boolean normalized,
        boolean special) {}
