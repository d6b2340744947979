package dev.laconic.core.technique.sample;

import dev.laconic.core.technique.ExtensionPoint;
import dev.laconic.core.technique.Stage;

/** An extension point of the cache stage. */
@ExtensionPoint(Stage.CACHE)
public interface Trimmer {
    String describe();
}
