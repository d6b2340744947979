/**
 * Text to token ids and back, exactly as the model's own tokenizer does it.
 */
package dev.laconic.tokenize;
