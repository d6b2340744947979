package dev.laconic.cli;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The models that come with the program, in the folder {@code models} of its home. */
final class HouseModels {
    private HouseModels() {}

    /** The file of this model, if the program lies where it was built. */
    static Optional<Path> file(String name) {
        Path at;
        try {
            at = Path.of(HouseModels.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
        for (; at != null; at = at.getParent()) {
            Path file = at.resolve("models").resolve(name + ".gguf");
            if (Files.isRegularFile(file)) return Optional.of(file);
        }
        return Optional.empty();
    }
}
