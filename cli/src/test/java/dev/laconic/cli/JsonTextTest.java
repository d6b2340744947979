package dev.laconic.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class JsonTextTest {

    @Test
    void writesWhatAMapperWrites() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("text", "a\"b\\c\n\u0001 é 😀 \u2028");
        map.put("numbers", Arrays.asList(1, -2L, 0.1, 1e300, 0.1f, Double.NaN, BigInteger.TEN.pow(30), null));
        map.put("arrays", List.of(new int[] {1, 2}, new float[] {0.5f, 1e-8f}, new double[] {1e-300}, new long[] {3}));
        map.put("flags", List.of(true, false));
        map.put("others", List.of(Path.of("/a/b"), Optional.of(1), Thread.State.NEW, (short) 3, 'c'));
        map.put("empty", Map.of("list", List.of()));
        StringWriter out = new StringWriter();
        JsonText.write(map, out);
        assertThat(out).hasToString(JsonMapper.shared().writeValueAsString(map));
    }
}
