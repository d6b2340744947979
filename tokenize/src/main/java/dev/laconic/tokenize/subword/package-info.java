/**
 * Subword models: a piece of text in, token ids out. Internal to the tokenizers: no other module depends on it.
 */
package dev.laconic.tokenize.subword;
