/**
 * The annotation processor that writes down at build time what picocli would read from a command's annotations at each
 * start, which takes longer than a short command. Only the compiler uses it.
 */
package dev.laconic.core.commandline.processor;
