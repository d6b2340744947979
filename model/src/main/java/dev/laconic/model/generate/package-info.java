/** From prompt tokens to an answer: prefill in chunks, then one token after another, with a receipt. */
package dev.laconic.model.generate;
