/**
 * Compares models with outputs that an independent engine recorded for them: the residual stream layer by layer, logits,
 * greedy continuations, sequences run together.
 */
package dev.laconic.model.parity;
