package dev.laconic.cache;

import dev.laconic.core.technique.ExtensionPoint;
import dev.laconic.core.technique.Stage;

/** Chooses the entries that are attended to and leaves the cache as it is. A chain has at most one. */
@ExtensionPoint(Stage.CACHE)
public interface KvSelector extends CacheTechnique {}
