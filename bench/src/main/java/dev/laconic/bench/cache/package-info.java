/** The judge of KV cache techniques: what each keeps of a model's answers, and what it takes in bytes and time. */
package dev.laconic.bench.cache;
