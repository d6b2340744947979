package dev.laconic.bench.workload;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.random.RandomGenerator;

/** A short record that is to be given back in the form that is asked for. */
final class Format implements Workload {

    @Override
    public String id() {
        return "format";
    }

    @Override
    public Task generate(RandomGenerator random, int tokens, ToIntFunction<String> counter) {
        String name = Words.pick(random, Words.NAMES);
        String city = Words.pick(random, Words.CITIES);
        String job = Words.pick(random, Words.JOBS);
        String age = String.valueOf(10 + random.nextInt(90));
        List<String> sentences = new ArrayList<>(List.of(
                name + " lives in " + city + ".", name + " works as a " + job + ".", name + " is " + age + " years old."));
        Words.shuffle(random, sentences);
        String json = "{\"name\": \"%s\", \"age\": %s, \"city\": \"%s\"}".formatted(name, age, city);
        List<Question> questions = new ArrayList<>(List.of(
                form("Give name, age and city as JSON.", json, "json"),
                form("Give name, age and job as a list.", "- " + name + "\n- " + age + "\n- " + job, "list"),
                form("Give name and city as CSV.", name + "," + city, "csv"),
                form("Give the job in capitals.", job.toUpperCase(Locale.ROOT), "capitals"),
                form("Is " + name + " a " + job + "? Say yes or no.", "yes", "yes-no"),
                form(
                        "Does " + name + " live in " + Words.pick(random, Words.CITIES.stream().filter(c -> !c.equals(city)).toList())
                                + "? Say yes or no.",
                        "no",
                        "yes-no")));
        Words.shuffle(random, questions);
        return new Task(id(), String.join(" ", sentences), questions);
    }

    private static Question form(String text, String answer, String form) {
        return Question.of(text, answer, Map.of("form", form));
    }
}
