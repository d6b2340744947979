/** The annotation processor behind {@link dev.laconic.core.technique.Technique}. Only the compiler uses it. */
package dev.laconic.core.technique.processor;
