package dev.laconic.cli;

import java.io.Console;
import java.util.Optional;

/** Which of the program's streams a person sees. Java cannot ask for each, so the launcher says. */
enum Terminal {
    STDIN,
    STDOUT,
    STDERR;

    /** Whether this stream is a terminal. */
    boolean present() {
        return Optional.ofNullable(System.getProperty("laconic.terminals"))
                .map(descriptors -> descriptors.indexOf('0' + ordinal()) >= 0)
                .orElseGet(Terminal::interactive);
    }

    private static boolean interactive() {
        return Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    }
}
