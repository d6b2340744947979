/**
 * Keys and values of runs of tokens, kept under a hash of what they were computed from: in memory, on disk, or one behind
 * the other.
 */
package dev.laconic.cache.store;
