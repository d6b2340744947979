/**
 * From logits to the next token: penalties, filters, the draw, log-probabilities, and where generation stops. State
 * belongs to one sequence; nothing here allocates per token once its buffers have their size.
 */
package dev.laconic.model.sample;
