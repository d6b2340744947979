package dev.laconic.tokenize;

/**
 * How text becomes tokens.
 *
 * @param addSpecial the tokens that the model wants around a text (BOS, EOS, CLS, SEP) are added
 * @param parseSpecial text that spells a special token becomes that token; otherwise it is text like any other
 */
public record EncodeOptions(boolean addSpecial, boolean parseSpecial) {
    /** The text's own tokens and nothing else. */
    public static final EncodeOptions PLAIN = new EncodeOptions(false, false);
    /** What a model is given: user text, with the special tokens around it. */
    public static final EncodeOptions PROMPT = new EncodeOptions(true, false);
    /** A rendered chat template, which spells all special tokens itself. */
    public static final EncodeOptions TEMPLATE = new EncodeOptions(false, true);
    /** Trusted text in which special tokens may be spelt, with those around it that the model wants. */
    public static final EncodeOptions TRUSTED = new EncodeOptions(true, true);
}
