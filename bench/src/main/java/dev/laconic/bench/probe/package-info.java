/** What the parts of a model do. */
package dev.laconic.bench.probe;
