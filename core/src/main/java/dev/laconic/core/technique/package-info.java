/**
 * What a technique is, how one is declared, found, configured and created.
 *
 * <p>A technique is a class with {@link dev.laconic.core.technique.Technique @Technique} on it that implements an
 * {@linkplain dev.laconic.core.technique.ExtensionPoint extension point}; its constructor's parameters are its options.
 * The annotation is the registration: compiling the class writes what {@link dev.laconic.core.technique.Techniques}
 * finds at run time.
 */
package dev.laconic.core.technique;
