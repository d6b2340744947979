/** What tests of several modules share: the reference data, seeded generators, tiny models. Test scope only. */
package dev.laconic.testkit;
