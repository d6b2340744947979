/** Reader and writer of GGUF, the file format of llama.cpp: typed metadata and tensors, in one file or in parts. */
package dev.laconic.format.gguf;
