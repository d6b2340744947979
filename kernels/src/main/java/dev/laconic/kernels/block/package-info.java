/**
 * The block formats of weights: how each tensor type of a GGUF file turns into float32 and back, bit for bit as the
 * format's definition says. One class is one family of formats.
 */
package dev.laconic.kernels.block;
