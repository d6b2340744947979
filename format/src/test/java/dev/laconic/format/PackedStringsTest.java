package dev.laconic.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PackedStringsTest {

    @Test
    void decodesWhatIsOfOneCharacterEach() {
        List<String> texts = List.of("", "a", "▁the", "naïve", "\u0000\u007f\u0080\u07ff\u0800\uffff\ufffd\ud7ff\ue000", "日本語");
        PackedStrings strings = packed(texts.stream().map(text -> text.getBytes(StandardCharsets.UTF_8)).toList());
        assertThat(strings).isEqualTo(texts);
        for (int i = 0; i < texts.size(); i++) assertThat(decoded(strings, i)).isEqualTo(texts.get(i));
    }

    @Test
    void leavesPairsOfCharactersAndWhatIsNotUtf8ToStrings() {
        List<byte[]> encoded = List.of(
                "a😀".getBytes(StandardCharsets.UTF_8), bytes(0x80), bytes('a', 0xC3), bytes(0xE2, 0x96), bytes(0xE2, 0x41, 0x81),
                bytes(0xC0, 0x80), bytes(0xC1, 0xBF), bytes(0xE0, 0x9F, 0xBF), bytes(0xED, 0xA0, 0x80), bytes(0xED, 0xBF, 0xBF),
                bytes(0xF0, 0x9F), bytes(0xFF));
        PackedStrings strings = packed(encoded);
        for (int i = 0; i < strings.size(); i++) assertThat(strings.decode(i, new char[8], 1)).as("%d", i).isEqualTo(-1);
    }

    @Test
    void decodesAnyBytesAsStringsDo() {
        Random random = new Random(1);
        int[] alphabet = {'a', 0x7F, 0x80, 0x9F, 0xA0, 0xBF, 0xC1, 0xC2, 0xDF, 0xE0, 0xE2, 0xED, 0xEE, 0xEF, 0xF0, 0xFF};
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = new byte[random.nextInt(7)];
            for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) alphabet[random.nextInt(alphabet.length)];
            PackedStrings strings = packed(List.of(bytes));
            if (strings.decode(0, new char[8], 1) >= 0) assertThat(decoded(strings, 0)).isEqualTo(strings.get(0));
            else
                assertThat(strings.get(0).chars().anyMatch(c -> c == 0xFFFD || Character.isSurrogate((char) c)))
                        .as(strings.get(0))
                        .isTrue();
        }
    }

    private static String decoded(PackedStrings strings, int index) {
        char[] chars = new char[1 + strings.encodedLength(index)];
        return new String(chars, 1, strings.decode(index, chars, 1) - 1);
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
