/**
 * An interpreter for the part of the Jinja template language that chat templates are written in, with Python's meaning
 * of strings, numbers and containers and with trim_blocks, lstrip_blocks, loop controls and generation blocks switched
 * on, as the transformers library configures it. Templates are hostile: values come from a closed set of types, nothing
 * is looked up by reflection, containers cannot be changed, and steps, memory, output and depth are limited.
 */
package dev.laconic.model.template;
