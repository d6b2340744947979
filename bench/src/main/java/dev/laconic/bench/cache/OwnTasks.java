package dev.laconic.bench.cache;

import dev.laconic.bench.workload.Question;
import dev.laconic.bench.workload.Task;
import dev.laconic.core.error.MalformedInputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Tasks from a file of JSON lines: {@code {"context": ..., "question": ..., "answer": ...}}, all of them text. */
public final class OwnTasks {
    private OwnTasks() {}

    /**
     * The tasks of a file, named like it.
     *
     * @throws MalformedInputException naming file, line and field, if it holds anything else
     */
    public static List<Task> read(Path file) {
        String name = file.getFileName().toString().replaceFirst("\\.[^.]*$", "");
        List<Task> tasks = new ArrayList<>();
        int number = 0;
        for (String text : JsonLines.text(file).split("\n", -1)) {
            number++;
            if (text.isBlank()) continue;
            JsonLines.Line line = new JsonLines.Line(file, number, JsonLines.object(file, number, text));
            String answer = line.text("answer").strip();
            if (answer.isEmpty()) throw line.wrong("answer", "nothing but space", "what a right reply says");
            tasks.add(new Task(
                    name,
                    line.text("context"),
                    List.of(new Question(line.text("question"), answer, answer, Map.of()))));
        }
        if (tasks.isEmpty())
            throw new MalformedInputException(file.toString(), "tasks", "none", "an object a line: context, question, answer");
        return tasks;
    }
}
