package dev.laconic.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class StackMapsTest {

    @Test
    void classesOfOldJarsVerifyWithThem(@TempDir Path folder) throws Exception {
        Path old = Path.of(CommandLine.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        Path copy = folder.resolve("copy.jar");
        StackMaps.main(new String[] {old.toString(), copy.toString()});
        assertThat(classes(copy)).containsExactlyInAnyOrderElementsOf(classes(old));
        try (JarFile jar = new JarFile(copy.toFile())) {
            for (JarEntry entry : jar.stream().toList()) {
                byte[] bytes = jar.getInputStream(entry).readAllBytes();
                assertThat(ClassFile.of().parse(bytes).majorVersion()).isGreaterThanOrEqualTo(ClassFile.JAVA_7_VERSION);
                assertThat(ClassFile.of().verify(bytes)).as(entry.getName()).isEmpty();
            }
        }
    }

    @Test
    void newClassesStayAsTheyAre() throws IOException {
        byte[] bytes;
        try (var in = StackMaps.class.getResourceAsStream("StackMaps.class")) {
            bytes = in.readAllBytes();
        }
        assertThat(StackMaps.withStackMaps(bytes)).isEqualTo(bytes);
    }

    private static List<String> classes(Path file) throws IOException {
        List<String> names = new ArrayList<>();
        try (JarFile jar = new JarFile(file.toFile())) {
            jar.stream().map(JarEntry::getName)
                    .filter(name -> name.endsWith(".class") && !name.endsWith("module-info.class"))
                    .forEach(names::add);
        }
        assertThat(Files.size(file)).isPositive();
        return names;
    }
}
