/**
 * The forward pass: rows in, logits out, through the sequences' KV caches.
 */
package dev.laconic.model;
