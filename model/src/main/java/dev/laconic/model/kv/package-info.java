/**
 * The KV cache of a sequence: per layer and KV head an ordered list of entries in reference-counted pages. Heads of one
 * layer may hold different numbers of entries.
 */
package dev.laconic.model.kv;
