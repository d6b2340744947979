package dev.laconic.cli;

import tools.jackson.databind.json.JsonMapper;

/** JSON on stdout, one value a line. */
final class Json {
    private Json() {}

    static void print(Object value) {
        System.out.println(JsonMapper.shared().writeValueAsString(value));
        System.out.flush();
    }
}
