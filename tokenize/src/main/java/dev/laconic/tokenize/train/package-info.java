/** Learning vocabularies from text. */
package dev.laconic.tokenize.train;
