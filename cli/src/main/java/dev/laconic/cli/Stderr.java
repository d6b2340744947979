package dev.laconic.cli;

import java.io.FileDescriptor;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.nio.charset.StandardCharsets;

/**
 * The launcher keeps Java's own start-up warnings off the terminal: it starts Java without stderr and passes the real one
 * as another descriptor, whose number is in the system property {@code laconic.stderr}.
 */
final class Stderr {
    private Stderr() {}

    /** Takes the real stderr; without the property {@link System#err} is it already. */
    static void take() {
        Integer number = Integer.getInteger("laconic.stderr");
        if (number != null) System.setErr(new PrintStream(open(number), true, StandardCharsets.UTF_8));
    }

    private static FileOutputStream open(int number) {
        try {
            Constructor<FileDescriptor> descriptor = FileDescriptor.class.getDeclaredConstructor(int.class);
            descriptor.setAccessible(true);
            return new FileOutputStream(descriptor.newInstance(number));
        } catch (ReflectiveOperationException | RuntimeException closed) {
            return reopen(number);
        }
    }

    private static FileOutputStream reopen(int number) {
        try {
            return new FileOutputStream("/dev/fd/" + number, true);
        } catch (FileNotFoundException unavailable) {
            throw new UncheckedIOException(unavailable);
        }
    }
}
