/**
 * One file per architecture: it asks a model file for the tensors it knows by name and puts the parts of
 * {@code dev.laconic.model.block} together. {@link dev.laconic.model.arch.Architectures} lists them.
 */
package dev.laconic.model.arch;
