package dev.laconic.tokenize;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.core.error.UnsupportedModelException;
import dev.laconic.format.io.Quoted;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** The special tokens that a {@code tokenizer.json} puts before and behind a single text. */
record JsonPostProcessor(int[] before, int[] after) {
    private static final List<String> TYPES =
            List.of("BertProcessing", "ByteLevel", "RobertaProcessing", "Sequence", "TemplateProcessing");

    /** @param size ids lie below it */
    static JsonPostProcessor read(String source, JsonNode node, int size) {
        Reader reader = new Reader(source, size, new ArrayList<>(), new ArrayList<>());
        if (!node.isNull()) reader.read(node, "post_processor");
        return new JsonPostProcessor(
                reader.before.stream().mapToInt(id -> id).toArray(),
                reader.after.stream().mapToInt(id -> id).toArray());
    }

    private record Reader(String source, int size, List<Integer> before, List<Integer> after) {

        void read(JsonNode node, String field) {
            String type = node.path("type").asString("");
            switch (type) {
                case "ByteLevel" -> {}
                case "BertProcessing", "RobertaProcessing" -> {
                    before.addFirst(id(node.path("cls").path(1), field + ".cls[1]"));
                    after.add(id(node.path("sep").path(1), field + ".sep[1]"));
                }
                case "TemplateProcessing" -> template(node, field);
                case "Sequence" -> {
                    int i = 0;
                    for (JsonNode step : node.path("processors")) read(step, field + ".processors[" + i++ + "]");
                }
                default -> throw new UnsupportedModelException(source, field + ".type", Quoted.of(type), TYPES);
            }
        }

        private void template(JsonNode node, String field) {
            List<Integer> leading = new ArrayList<>();
            boolean behind = false;
            JsonNode pieces = node.path("single");
            for (int i = 0; i < pieces.size(); i++) {
                String at = field + ".single[" + i + "]";
                JsonNode piece = pieces.get(i);
                if (piece.has("Sequence")) {
                    if (behind) throw malformed(at, "a second Sequence", "one Sequence");
                    behind = true;
                    continue;
                }
                String name = piece.path("SpecialToken").path("id").asString("");
                JsonNode ids = node.path("special_tokens").path(name).path("ids");
                if (!ids.isArray()) throw malformed(at, Quoted.of(name), "a name in special_tokens");
                for (JsonNode id : ids)
                    (behind ? after : leading).add(id(id, field + ".special_tokens[" + Quoted.of(name) + "].ids"));
            }
            if (!behind) throw malformed(field + ".single", "no Sequence", "one Sequence");
            before.addAll(0, leading);
        }

        private int id(JsonNode id, String field) {
            if (!id.isInt() || id.asInt() < 0 || id.asInt() >= size)
                throw malformed(field, id.isMissingNode() ? "nothing" : id, "an id below " + size);
            return id.asInt();
        }

        private MalformedInputException malformed(String field, Object found, String expected) {
            return new MalformedInputException(source, field, found, expected);
        }
    }
}
