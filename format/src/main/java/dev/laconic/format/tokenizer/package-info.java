/**
 * Parsers of tokenizer files: Hugging Face {@code tokenizer.json}, SentencePiece models, tiktoken ranks, vocabulary lists.
 * They check what the files say and give it as data; what to do with it is the tokenizers' business.
 */
package dev.laconic.format.tokenizer;
