package dev.laconic.train;

import dev.laconic.bench.workload.Prose;
import dev.laconic.core.error.LaconicException;
import dev.laconic.core.error.UsageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Everything that a training run depends on besides its texts.
 *
 * @param name of the model
 * @param seed of weights and data
 * @param shape sizes of a decoder
 * @param encoder sizes of an encoder, in place of a decoder
 * @param texts files to learn from, text or zip archives of it, as glob patterns relative to the corpus
 * @param objective what is predicted; {@link Objective#NEXT_TOKEN} if the file does not say
 * @param from name of a finished run in the folder beside this one's, or of a model file where there is no such run, whose
 *     weights this one begins with
 * @param teacher name of a run or model as in {@code from}, for {@link Objective#DISTILLATION}
 * @param adapter train low-rank adapters of {@code from} in place of its weights
 * @param heldOut file names among them that are for tests alone
 * @param decay weight decay
 * @param stages one after another
 */
public record Recipe(
        String name,
        long seed,
        Optional<DecoderShape> shape,
        Optional<EncoderShape> encoder,
        Objective objective,
        Optional<String> from,
        Optional<String> teacher,
        Optional<Adapter> adapter,
        List<String> texts,
        List<String> heldOut,
        float decay,
        List<Stage> stages) {

    public Recipe {
        if (objective == null) objective = Objective.NEXT_TOKEN;
        if (shape.isPresent() == encoder.isPresent())
            throw new UsageException(name + ": a recipe has either a \"shape\" or an \"encoder\"");
        if ((objective == Objective.DISTILLATION) != teacher.isPresent())
            throw new UsageException(name + ": a recipe names a teacher if, and only if, it distils");
        if (adapter.isPresent() && from.isEmpty())
            throw new UsageException(name + ": a recipe with adapters names the run that they adapt as \"from\"");
    }

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    /** Low-rank adapters: {@code W + alpha / rank * B A}. */
    public record Adapter(int rank, int alpha) {}

    /**
     * A part of a run with one mix of data.
     *
     * @param name what it is for
     * @param lengths sequence lengths; each step takes one of them
     * @param reach positions that three sequences in four are stretched over, so that long distances are learnt from
     *     short sequences; 0 for none
     * @param tokensPerStep a multiple of every length
     * @param tokens length of the stage
     * @param rate learning rate between warm-up and decay
     * @param warmUp steps over which the rate rises from 0
     * @param decayShare share of the stage's end over which the rate falls as a cosine
     * @param endRate what it falls to
     * @param stopLoss the stage ends early once the mean loss of ten steps is no more than this; 0 for never
     * @param firstDigit what the first digit of a number in a reply counts, where all else counts 1: it alone has to be
     *     found; 1 if the file does not say
     * @param result what the first token of a reply's result counts, which has to be found where the words before it only
     *     say the question again; 1 if the file does not say
     * @param sharpness what a teacher's logits are multiplied by: above 1, its first choices count more than how it ranks
     *     the others; 1 if the file does not say
     * @param divergence how a student is compared with its teacher; {@link Divergence#CROSS_ENTROPY} if the file does not say
     * @param average names of earlier stages: at the stage's end the weights become the mean of those at the ends of these
     *     stages. Weights that one run came to at low rates lie in one valley, and their mean in its middle (Wortsman et al.,
     *     Model soups, 2203.05482). None if the file does not say
     * @param mix relative frequency of each workload, and of {@code prose}
     */
    public record Stage(
            String name,
            List<Integer> lengths,
            int reach,
            int tokensPerStep,
            long tokens,
            float rate,
            int warmUp,
            float decayShare,
            float endRate,
            float stopLoss,
            float firstDigit,
            float result,
            float sharpness,
            Divergence divergence,
            List<String> average,
            Map<String, Double> mix) {

        public Stage {
            if (firstDigit == 0) firstDigit = 1;
            if (result == 0) result = 1;
            if (sharpness == 0) sharpness = 1;
            if (divergence == null) divergence = Divergence.CROSS_ENTROPY;
            if (average == null) average = List.of();
        }

        int steps() {
            return Math.toIntExact(tokens / tokensPerStep);
        }

        /** The learning rate of step {@code step}, from 0. */
        float rateAt(int step) {
            if (step < warmUp) return rate * (step + 1) / warmUp;
            int decayFrom = Math.round(steps() * (1 - decayShare));
            if (step < decayFrom) return rate;
            double done = (step - decayFrom + 1.0) / (steps() - decayFrom);
            return (float) (endRate + (rate - endRate) * (1 + Math.cos(Math.PI * done)) / 2);
        }
    }

    DecoderShape decoder() {
        return shape.orElseThrow(() -> new UsageException(name + " is no decoder"));
    }

    /** Number of tokens. */
    int vocabulary() {
        return shape.map(DecoderShape::vocabulary)
                .orElseGet(() -> encoder.orElseThrow().vocabulary());
    }

    /** The largest position of any stage, plus one. */
    int context() {
        return stages.stream()
                .mapToInt(stage -> Math.max(stage.reach, Collections.max(stage.lengths)))
                .max()
                .orElseThrow();
    }

    int steps() {
        return stages.stream().mapToInt(Stage::steps).sum();
    }

    /** Keeps a copy with the run, for runs that build on it. */
    void write(Path file) {
        try {
            Files.write(file, MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(this));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    /** The built-in recipes. */
    public static List<String> builtIn() {
        return List.of("house-lm", "house-draft", "house-diffusion", "house-encoder", "byte-lm");
    }

    /** A recipe file, or one of the built-in recipes by name. */
    public static Recipe read(String nameOrFile) {
        Path file = Path.of(nameOrFile);
        if (Files.isRegularFile(file)) {
            try (InputStream in = Files.newInputStream(file)) {
                return parse(nameOrFile, in);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read " + file, e);
            }
        }
        try (InputStream in = Recipe.class.getResourceAsStream("/dev/laconic/train/" + nameOrFile + ".json")) {
            if (in == null)
                throw new UsageException(nameOrFile + " is neither a recipe file nor one of the built-in recipes "
                        + builtIn());
            return parse(nameOrFile, in);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read recipe " + nameOrFile, e);
        }
    }

    private static Recipe parse(String source, InputStream in) {
        try {
            return MAPPER.readValue(in, Recipe.class);
        } catch (JacksonException e) {
            throw new LaconicException(source + ": not a recipe: " + e.getOriginalMessage(), e);
        }
    }

    /** The texts to learn from. */
    Prose training(Path corpus) {
        return prose(corpus, file -> !heldOut.contains(file.getFileName().toString()));
    }

    /** The texts that are for tests. */
    public Prose testing(Path corpus) {
        return prose(corpus, file -> heldOut.contains(file.getFileName().toString()));
    }

    private Prose prose(Path corpus, Predicate<Path> chosen) {
        if (!Files.isDirectory(corpus)) throw new UsageException("no folder with texts at " + corpus);
        List<PathMatcher> matchers = texts.stream()
                .map(glob -> FileSystems.getDefault().getPathMatcher("glob:" + glob))
                .toList();
        try (Stream<Path> files = Files.walk(corpus)) {
            List<String> found = files.filter(Files::isRegularFile)
                    .filter(file -> matchers.stream().anyMatch(matcher -> matcher.matches(corpus.relativize(file))))
                    .filter(chosen)
                    .sorted()
                    .flatMap(file -> Documents.read(file).stream())
                    .toList();
            if (found.isEmpty()) throw new UsageException("none of the recipe's texts " + texts + " is in " + corpus);
            return new Prose(found);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the texts of " + corpus, e);
        }
    }
}
