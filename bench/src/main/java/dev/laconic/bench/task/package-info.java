/** How well a model does the workloads. */
package dev.laconic.bench.task;
