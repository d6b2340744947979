/**
 * The commands of the laconic program.
 */
package dev.laconic.cli;
