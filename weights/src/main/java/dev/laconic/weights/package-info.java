/** Smaller models: what is done to weights before a model runs. */
package dev.laconic.weights;
