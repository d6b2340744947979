package dev.laconic.tokenize;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** The escapes in which GGUF files spell RWKV's tokens: {@code \t \n \r \xHH}, and a backslash before anything else. */
final class RwkvSpelling {
    private RwkvSpelling() {}

    static byte[] bytes(String token) {
        byte[] in = token.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream(in.length);
        for (int i = 0; i < in.length; i++) {
            if (in[i] != '\\' || i + 1 == in.length) {
                if (in[i] != '\\') out.write(in[i]);
                continue;
            }
            byte escape = in[++i];
            switch (escape) {
                case 't' -> out.write('\t');
                case 'n' -> out.write('\n');
                case 'r' -> out.write('\r');
                case 'x' -> {
                    int high = i + 1 < in.length ? Character.digit(in[i + 1], 16) : -1;
                    int low = i + 2 < in.length ? Character.digit(in[i + 2], 16) : -1;
                    if (high >= 0 && low >= 0) {
                        out.write(high << 4 | low);
                        i += 2;
                    }
                }
                default -> out.write(escape);
            }
        }
        return out.toByteArray();
    }
}
