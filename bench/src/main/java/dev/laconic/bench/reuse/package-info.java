/** What it saves to put prompts together from passages that were computed before, and what it costs in answers. */
package dev.laconic.bench.reuse;
