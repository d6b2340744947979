/**
 * The arithmetic of a forward pass: matrix products over every weight type, attention over paged keys and values, norms,
 * activations, rotary positions. A scalar reference says what is right; the native provider and that of the Vector API are
 * tested against it.
 */
package dev.laconic.kernels;
