/**
 * Text on its way to tokens: a character buffer that remembers where each character came from, character classes,
 * patterns, normalizers and pre-tokenizers. Internal to the tokenizers: no other module depends on it.
 */
package dev.laconic.tokenize.text;
