/** Results as pages to read. */
package dev.laconic.bench.leaderboard;
