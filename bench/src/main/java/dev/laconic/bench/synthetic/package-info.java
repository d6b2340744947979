/** Models of published shapes with random weights, for measuring speed without a download. */
package dev.laconic.bench.synthetic;
