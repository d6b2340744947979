package dev.laconic.cache;

import dev.laconic.core.technique.ExtensionPoint;
import dev.laconic.core.technique.Stage;

/** Edits a sequence's cache: evicts, merges or stores entries otherwise. Policies of a chain act one after another. */
@ExtensionPoint(Stage.CACHE)
public interface KvPolicy extends CacheTechnique {}
