/**
 * What every other module may rely on: the technique registry and its configuration grammar, budgets, receipts and
 * errors. Nothing here depends on anything outside the JDK.
 */
package dev.laconic.core;
