/** How fast models and products run, beside what the machine can do and beside other engines. */
package dev.laconic.bench.speed;
