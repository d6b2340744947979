/** Seeded workloads whose answers are known, and how they are graded. */
package dev.laconic.bench.workload;
