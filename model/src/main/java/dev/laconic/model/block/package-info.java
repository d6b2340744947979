/** The parts that architectures are put together from: each reads and writes buffers of a step's state. */
package dev.laconic.model.block;
