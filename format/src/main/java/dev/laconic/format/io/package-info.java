/** What the parsers of this module share: mapping a file, a bounds-checked reader over its bytes, and atomic writing. */
package dev.laconic.format.io;
