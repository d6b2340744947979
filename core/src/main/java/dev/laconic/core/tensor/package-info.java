/** Tensors as they lie in a model file: a name, an element type, a shape and the bytes. */
package dev.laconic.core.tensor;
