package dev.laconic.train;

import dev.laconic.bench.workload.Prose;
import dev.laconic.core.error.MalformedInputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** The documents of a corpus file: a text file is one, a zip archive has one in each of its text files. */
final class Documents {
    private static final int LARGEST = 1 << 26;

    private Documents() {}

    static List<String> read(Path file) {
        if (!file.toString().endsWith(".zip")) return List.of(Prose.read(file));
        List<String> documents = new ArrayList<>();
        try (ZipFile zip = new ZipFile(file.toFile())) {
            List<? extends ZipEntry> entries = zip.stream()
                    .filter(entry -> entry.getName().endsWith(".txt"))
                    .sorted(java.util.Comparator.comparing(ZipEntry::getName))
                    .toList();
            for (ZipEntry entry : entries) {
                byte[] bytes = zip.getInputStream(entry).readNBytes(LARGEST);
                if (bytes.length == LARGEST)
                    throw new MalformedInputException(
                            file.toString(), entry.getName(), "a longer text", "less than " + LARGEST + " bytes");
                documents.add(Prose.clean(text(bytes)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
        return documents;
    }

    /** UTF-8, or Latin-1 where it is not that. */
    private static String text(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
    }
}
