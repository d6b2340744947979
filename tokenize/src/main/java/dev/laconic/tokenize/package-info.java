/**
 * Text to tokens and back, exactly as the model's own tokenizer does it: {@link dev.laconic.tokenize.Tokenizers} reads
 * one from a model file or a tokenizer file, {@link dev.laconic.tokenize.Tokenizer} is what it gives.
 */
package dev.laconic.tokenize;
