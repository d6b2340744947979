package dev.laconic.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PackedStringsTest {

    @Test
    void decodesWhatIsOfOneCharacterEach() {
        List<String> texts = List.of("a", "▁the", "naïve", "\u0000\u007f\u0080\u07ff\u0800\uffff\ufffd\ud7ff\ue000", "日本語");
        PackedStrings strings = packed(texts.stream().map(text -> text.getBytes(StandardCharsets.UTF_8)).toList());
        assertThat(strings).isEqualTo(texts);
        for (int from = 0; from <= texts.size(); from++)
            assertThat(decoded(strings, from)).isEqualTo(texts.subList(from, texts.size()));
    }

    @Test
    void stopsAtAnEmptyString() {
        PackedStrings strings = packed(List.of(bytes('a'), bytes('b', 'c'), bytes(), bytes('d')));
        assertThat(decoded(strings, 0)).containsExactly("a", "bc");
        assertThat(decoded(strings, 2)).isEmpty();
        assertThat(decoded(strings, 3)).containsExactly("d");
        assertThat(strings.encodedLength(0, 4)).isEqualTo(4);
    }

    @Test
    void stopsWhereItIsTold() {
        PackedStrings strings = packed(List.of(bytes('a'), bytes('b', 'c'), bytes('d')));
        char[] chars = new char[4];
        int[] ends = new int[4];
        assertThat(strings.decode(0, 2, chars, ends, 0)).isEqualTo(2);
        assertThat(chars).containsExactly('a', 'b', 'c', '\0');
        assertThat(ends).containsExactly(0, 1, 3, 0);
    }

    @Test
    void leavesPairsOfCharactersAndWhatIsNotUtf8ToStrings() {
        List<byte[]> encoded = List.of(
                "a😀".getBytes(StandardCharsets.UTF_8), bytes(0x80), bytes('a', 0xC3), bytes(0xE2, 0x96), bytes(0xE2, 0x41, 0x81),
                bytes(0xC0, 0x80), bytes(0xC1, 0xBF), bytes(0xE0, 0x9F, 0xBF), bytes(0xED, 0xA0, 0x80), bytes(0xED, 0xBF, 0xBF),
                bytes(0xF0, 0x9F), bytes(0xFF));
        PackedStrings strings = packed(encoded);
        for (int i = 0; i < strings.size(); i++) assertThat(decoded(strings, i)).as("%d", i).isEmpty();
    }

    @Test
    void decodesAnyBytesAsStringsDo() {
        Random random = new Random(1);
        int[] alphabet = {'a', 0x7F, 0x80, 0x9F, 0xA0, 0xBF, 0xC1, 0xC2, 0xDF, 0xE0, 0xE2, 0xED, 0xEE, 0xEF, 0xF0, 0xFF};
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = new byte[1 + random.nextInt(6)];
            for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) alphabet[random.nextInt(alphabet.length)];
            PackedStrings strings = packed(List.of(bytes));
            List<String> decoded = decoded(strings, 0);
            if (!decoded.isEmpty()) assertThat(decoded).isEqualTo(strings);
            else
                assertThat(strings.get(0).chars().anyMatch(c -> c == 0xFFFD || Character.isSurrogate((char) c)))
                        .as(strings.get(0))
                        .isTrue();
        }
    }

    /** The strings from a number on, as they come behind another of one character. */
    private static List<String> decoded(PackedStrings strings, int from) {
        char[] chars = new char[1 + strings.encodedLength(from, strings.size())];
        int[] ends = new int[2 + strings.size() - from];
        ends[1] = 1;
        int count = strings.decode(from, strings.size(), chars, ends, 1);
        return IntStream.range(0, count).mapToObj(i -> new String(chars, ends[1 + i], ends[2 + i] - ends[1 + i])).toList();
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) values[i];
        return bytes;
    }

    private static PackedStrings packed(List<byte[]> strings) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        int[] starts = new int[strings.size() + 1];
        for (int i = 0; i < strings.size(); i++) {
            starts[i] = all.size() + Long.BYTES;
            all.writeBytes(ByteBuffer.allocate(Long.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(strings.get(i).length)
                    .array());
            all.writeBytes(strings.get(i));
        }
        starts[strings.size()] = all.size() + Long.BYTES;
        return new PackedStrings(all.toByteArray(), starts);
    }
}
