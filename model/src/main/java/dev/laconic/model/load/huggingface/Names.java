package dev.laconic.model.load.huggingface;

import java.util.ArrayList;
import java.util.List;

/**
 * Which GGUF tensor is which Hugging Face tensor, one pair a line: {@code attn_q self_attn.q_proj} speaks of the weight
 * and of the bias, a GGUF name that ends in {@code .weight} or {@code .bias} of exactly that tensor. {@code {e}} stands
 * for each expert's number; where only the second name has {@code {h}}, the tensors of all heads are stacked. Of several
 * lines with the same GGUF name the first whose tensor is there counts.
 */
record Names(List<Line> lines) {
    static final String EXPERT = "{e}";
    static final String HEAD = "{h}";

    record Line(String gguf, String name) {

        boolean ofExperts() {
            return gguf.contains(EXPERT);
        }

        /** The line of one expert. */
        Line expert(int number) {
            String text = Integer.toString(number);
            return new Line(gguf.replace(EXPERT, text), name.replace(EXPERT, text));
        }
    }

    static Names of(String... tables) {
        List<Line> lines = new ArrayList<>();
        for (String table : tables)
            table.lines().map(String::strip).filter(line -> !line.isEmpty()).forEach(line -> {
                String[] pair = line.split("\\s+");
                if (pair[0].endsWith(".weight") || pair[0].endsWith(".bias")) {
                    lines.add(new Line(pair[0], pair[1]));
                } else {
                    for (String kind : List.of(".weight", ".bias")) lines.add(new Line(pair[0] + kind, pair[1] + kind));
                }
            });
        return new Names(List.copyOf(lines));
    }
}
