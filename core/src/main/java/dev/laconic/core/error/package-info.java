/** Errors a user meets: each says what was wrong, where, and what to do next. All are unchecked. */
package dev.laconic.core.error;
