package dev.laconic.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * Copies the classes of a jar and gives stack maps to those from before there were any (JSR 202): Java keeps no class
 * linked that it cannot verify with them. The launcher does this to the library that reads the command line, whose classes
 * are of Java 5.
 */
final class StackMaps {
    /** The first version of class files that must have stack maps. */
    private static final int FIRST = ClassFile.JAVA_7_VERSION;

    private static final ClassFile FILES = ClassFile.of(
            StackMapsOption.GENERATE_STACK_MAPS,
            ClassHierarchyResolverOption.of(
                    ClassHierarchyResolver.ofResourceParsing(StackMaps.class.getClassLoader())
                            .orElse(ClassHierarchyResolver.defaultResolver())));

    private StackMaps() {}

    /** @param arguments the jar, whose classes are on the class path, then the jar to write */
    public static void main(String[] arguments) throws IOException {
        try (InputStream in = Files.newInputStream(Path.of(arguments[0]));
                OutputStream out = Files.newOutputStream(Path.of(arguments[1]))) {
            copy(in, out);
        }
    }

    private static void copy(InputStream from, OutputStream to) throws IOException {
        ZipInputStream in = new ZipInputStream(from);
        ZipOutputStream out = new ZipOutputStream(to);
        out.setLevel(0);
        for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
            if (!entry.getName().endsWith(".class") || entry.getName().endsWith("module-info.class")) continue;
            out.putNextEntry(new ZipEntry(entry.getName()));
            out.write(withStackMaps(in.readAllBytes()));
            out.closeEntry();
        }
        out.finish();
    }

    static byte[] withStackMaps(byte[] bytes) {
        ClassModel old = FILES.parse(bytes);
        if (old.majorVersion() >= FIRST) return bytes;
        ClassTransform version = (to, element) -> {
            if (element instanceof ClassFileVersion) to.withVersion(FIRST, 0);
            else to.with(element);
        };
        return FILES.transformClass(old, version.andThen(ClassTransform.transformingMethodBodies(StackMaps::anew)));
    }

    /** A body that is written instruction by instruction gets a stack map. */
    private static void anew(CodeBuilder to, CodeElement element) {
        to.with(element);
    }
}
