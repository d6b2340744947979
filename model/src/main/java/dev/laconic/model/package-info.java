/**
 * The forward pass in three verbs: {@link dev.laconic.model.Model#embed embed} rows,
 * {@link dev.laconic.model.Model#advance advance} them through a range of layers,
 * {@link dev.laconic.model.Model#project project} them to logits. A row is one position of one sequence; a step is any
 * set of rows.
 */
package dev.laconic.model;
