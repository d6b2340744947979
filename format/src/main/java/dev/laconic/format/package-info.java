/**
 * Parsers and writers of the files users have: GGUF, safetensors, llama2.c and tokenizer files. Every input is taken to
 * be hostile: lengths are checked against the bytes that remain before anything is allocated.
 */
package dev.laconic.format;
