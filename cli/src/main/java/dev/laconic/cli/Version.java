package dev.laconic.cli;

import picocli.CommandLine.IVersionProvider;

/** What {@code laconic --version} says. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {"laconic 0.1.0-SNAPSHOT"};
    }
}
