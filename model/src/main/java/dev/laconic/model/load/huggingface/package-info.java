/**
 * Hugging Face model folders under GGUF's names: for each kind of model what its {@code config.json} means, which tensor
 * is which, and which must be laid out anew. Tensors that fit as they are stay memory-mapped.
 */
package dev.laconic.model.load.huggingface;
