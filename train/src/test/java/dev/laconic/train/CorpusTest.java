package dev.laconic.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CorpusTest {
    @TempDir
    Path folder;

    @Test
    void punctuationStandsApartAndRareWordsAreUnknown() {
        String often = "well known town s ".repeat(3);
        assertThat(Spaced.of(List.of(often, "A well-known. “Town” (well, known): 1,234.5.\n\nIt's its town's.")))
                .last()
                .isEqualTo(" <unk> well @-@ known . \" <unk> \" ( well , known ) : 1 @,@ 234 @.@ 5 . \n"
                        + " <unk> 's <unk> town 's . \n");
    }

    @Test
    void anArchiveHoldsADocumentInEachTextFile() throws IOException {
        Path zip = folder.resolve("speeches.zip");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            put(out, "b.txt", "second".getBytes(StandardCharsets.UTF_8));
            put(out, "a.txt", "caf\u00e9\r\n".getBytes(StandardCharsets.ISO_8859_1));
            put(out, "notes.md", "no text".getBytes(StandardCharsets.UTF_8));
        }
        assertThat(Documents.read(zip)).containsExactly("caf\u00e9", "second");
    }

    @Test
    void aDamagedArchiveIsNamed() throws IOException {
        Path zip = folder.resolve("damaged.zip");
        Files.write(zip, new byte[100]);
        assertThatThrownBy(() -> Documents.read(zip))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("damaged.zip");
    }

    /** What lies behind the last reply is an end, and can be hidden as any token of a reply can, or lie behind a block. */
    @Test
    void onlyRepliesAndEndsAreHiddenOrAnything() {
        boolean hiddenEnd = false;
        boolean behindBlock = false;
        for (int seed = 0; seed < 50; seed++) {
            Sequence sequence = new Sequence(20, 0);
            for (int i = 0; i < 10; i++) sequence.add(5, 0);
            for (int i = 0; i < 4; i++) sequence.add(6, 1);
            sequence.fill(7);
            assertThat(sequence.room()).isZero();
            Masking.apply(sequence, new SplittableRandom(seed));
            int hidden = 0;
            for (int t = 1; t <= 20; t++) {
                if (!sequence.isHidden(t)) assertThat(sequence.weight(t)).isZero();
                else if (sequence.weight(t) > 0) hidden++;
                else for (int behind = t; behind <= 20; behind++) {
                    assertThat(sequence.isHidden(behind)).isTrue();
                    assertThat(sequence.weight(behind)).isZero();
                    behindBlock = true;
                }
            }
            assertThat(hidden).isPositive();
            hiddenEnd |= sequence.isHidden(20);
        }
        assertThat(hiddenEnd).isTrue();
        assertThat(behindBlock).isTrue();
    }

    private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(content);
        zip.closeEntry();
    }
}
