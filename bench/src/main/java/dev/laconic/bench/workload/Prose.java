package dev.laconic.bench.workload;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/** Plain English text to hide things in, and to learn English from. */
public final class Prose {
    private static final Pattern SENTENCE = Pattern.compile("(?<=[.!?][\"”’)]{0,2})\\s+(?=[\"“‘(]?\\p{Lu})");
    private static final Pattern WRAPPED = Pattern.compile("(?<=\\S)\\n(?=\\S)");
    private static final int LONGEST_SENTENCE = 400;

    private final List<String> texts;
    private final List<List<String>> sentences;
    private final int total;

    /** @param texts whole documents, with {@code \n} for line ends */
    public Prose(List<String> texts) {
        this.texts = List.copyOf(texts);
        sentences = texts.stream().map(Prose::sentences).filter(list -> !list.isEmpty()).toList();
        total = sentences.stream().mapToInt(List::size).sum();
        if (total == 0) throw new IllegalArgumentException("no sentence in " + texts.size() + " texts");
    }

    /** The first half of The Time Machine by H. G. Wells (1895, public domain), which no house model was trained on. */
    public static Prose builtIn() {
        try (InputStream in = Prose.class.getResourceAsStream("time-machine.txt")) {
            return new Prose(List.of(new String(in.readAllBytes(), StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the built-in prose", e);
        }
    }

    /** A text file, its line ends made {@code \n}, the licence around a Project Gutenberg book left out. */
    public static String read(Path file) {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
        return clean(text);
    }

    /** A text with its line ends made {@code \n}, the licence around a Project Gutenberg book left out. */
    public static String clean(String raw) {
        String text = raw.replace("\uFEFF", "").replace("\r\n", "\n").replace('\r', '\n');
        int start = text.indexOf("*** START OF");
        if (start < 0) start = text.indexOf("***START OF");
        if (start >= 0) text = text.substring(text.indexOf('\n', start) + 1);
        int end = text.indexOf("*** END OF");
        if (end < 0) end = text.indexOf("***END OF");
        return (end < 0 ? text : text.substring(0, end)).strip();
    }

    /** The documents, as they were given. */
    public List<String> texts() {
        return texts;
    }

    /** The documents with lines joined that were only broken to fit a page. */
    public List<String> unwrapped() {
        return texts.stream().map(Prose::unwrap).toList();
    }

    /** So many consecutive sentences of one text, from a random place. */
    public List<String> consecutive(RandomGenerator random, int count) {
        while (true) {
            int at = random.nextInt(total);
            int text = 0;
            while (at >= sentences.get(text).size()) at -= sentences.get(text++).size();
            if (at + count <= sentences.get(text).size()) return sentences.get(text).subList(at, at + count);
        }
    }

    /** Consecutive sentences from a random place that have at most {@code tokens} tokens together. */
    public List<String> run(RandomGenerator random, int tokens, ToIntFunction<String> counter) {
        int at = random.nextInt(total);
        int text = 0;
        while (at >= sentences.get(text).size()) at -= sentences.get(text++).size();
        List<String> run = new ArrayList<>();
        int left = tokens;
        int tooLong = 0;
        while (tooLong < 3) {
            if (at == sentences.get(text).size()) {
                at = 0;
                text = (text + 1) % sentences.size();
            }
            String sentence = sentences.get(text).get(at++);
            int length = counter.applyAsInt(" " + sentence);
            if (length > left) tooLong++;
            else {
                run.add(sentence);
                left -= length;
            }
        }
        return run;
    }

    private static String unwrap(String text) {
        return text.startsWith("First Citizen:") ? text : WRAPPED.matcher(text).replaceAll(" ");
    }

    private static List<String> sentences(String text) {
        return SENTENCE.splitAsStream(text)
                .map(sentence -> sentence.replaceAll("\\s+", " ").strip())
                .filter(sentence -> !sentence.isEmpty() && sentence.length() <= LONGEST_SENTENCE)
                .toList();
    }
}
