/** Techniques that do nothing but hold their options, to test the way from the annotation to an instance. */
package dev.laconic.core.technique.sample;
