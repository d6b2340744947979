package dev.laconic.model.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.laconic.core.error.LaconicException;
import dev.laconic.core.error.UsageException;
import dev.laconic.testkit.Seeds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplerTest {
    private static final float MASKED = Float.NEGATIVE_INFINITY;

    @Test
    void greedyTakesTheLowestIdAmongTheMostLikely() {
        Sampler sampler = new Sampler(SamplerOptions.greedy(), 5);
        assertThat(sampler.sample(new float[] {-3, 7, 2, 7, 7})).isEqualTo(1);
        assertThat(sampler.sample(new float[] {0f, -0f, -1, -2, 0f})).isZero();
        assertThat(sampler.sample(new float[] {-0f, 0f, -1, -2, 0f})).isZero();
        assertThat(sampler.sample(new float[] {MASKED, MASKED, MASKED, -1e30f, MASKED}))
                .isEqualTo(3);
    }

    @Test
    void greedyIgnoresFiltersButNotBiasAndPenalties() {
        SamplerOptions options = SamplerOptions.builder()
                .temperature(0)
                .typicalP(0.1f)
                .topK(1)
                .repetitionPenalty(4)
                .logitBias(Map.of(2, -5f))
                .build();
        Sampler sampler = new Sampler(options, 3);
        assertThat(sampler.sample(new float[] {4, 2, 5})).isZero();
        sampler.accept(0);
        assertThat(sampler.sample(new float[] {4, 2, 5})).isEqualTo(1);
        assertThat(distribution(sampler, 4, 2, 5)).containsExactly(0, 1, 0);
    }

    @Test
    void temperatureDividesLogits() {
        float[] p = distribution(SamplerOptions.builder().temperature(2).build(), 2, 0, MASKED);
        assertThat(p[0]).isCloseTo((float) (Math.E / (Math.E + 1)), within(1e-6f));
        assertThat(p[0] + p[1]).isCloseTo(1, within(1e-6f));
        assertThat(p[2]).isZero();
        assertThat(distribution(SamplerOptions.builder().temperature(Float.MIN_VALUE).build(), 1, 3, 2))
                .containsExactly(0, 1, 0);
        assertThat(distribution(SamplerOptions.builder().temperature(Float.MAX_VALUE).build(), 100, 3, 2, 5))
                .containsExactly(0.25f, 0.25f, 0.25f, 0.25f);
    }

    @Test
    void topKKeepsTheKMostLikelyLowerIdsFirst() {
        assertThat(kept(SamplerOptions.builder().topK(2).build(), 1, 3, 2, 3)).containsExactly(1, 3);
        assertThat(kept(SamplerOptions.builder().topK(2).build(), 3, 1, 3, 3)).containsExactly(0, 2);
        assertThat(kept(SamplerOptions.builder().topK(3).build(), MASKED, 1, MASKED, 3))
                .containsExactly(1, 3);
        assertThat(kept(SamplerOptions.builder().topK(99).build(), 1, 2, 3)).containsExactly(0, 1, 2);
    }

    @Test
    void topPKeepsTheSmallestSetThatHoldsTheShare() {
        float[] logits = logs(0.5, 0.25, 0.125, 0.125);
        assertThat(kept(SamplerOptions.builder().topP(0).build(), logits)).containsExactly(0);
        assertThat(kept(SamplerOptions.builder().topP(0.4f).build(), logits)).containsExactly(0);
        assertThat(kept(SamplerOptions.builder().topP(0.51f).build(), logits)).containsExactly(0, 1);
        assertThat(kept(SamplerOptions.builder().topP(0.76f).build(), logits)).containsExactly(0, 1, 2);
        assertThat(kept(SamplerOptions.builder().topP(0.9f).build(), logits)).containsExactly(0, 1, 2, 3);
        assertThat(kept(SamplerOptions.builder().topP(0.3f).build(), logs(0.2, 0.2, 0.2, 0.2, 0.2)))
                .containsExactly(0, 1);
    }

    @Test
    void minPKeepsWhatIsLikelyEnoughNextToTheMostLikely() {
        float[] logits = logs(0.5, 0.3, 0.1, 0.06, 0.04);
        assertThat(kept(SamplerOptions.builder().minP(0.1f).build(), logits)).containsExactly(0, 1, 2, 3);
        assertThat(kept(SamplerOptions.builder().minP(0.5f).build(), logits)).containsExactly(0, 1);
        assertThat(kept(SamplerOptions.builder().minP(1).build(), 2, 3, 3)).containsExactly(1, 2);
    }

    @Test
    void typicalKeepsSurpriseNearTheEntropy() {
        // Entropy 1.28 nats; surprises 0.69, 1.20, 2.30, 2.81, 3.22.
        float[] logits = logs(0.5, 0.3, 0.1, 0.06, 0.04);
        assertThat(kept(SamplerOptions.builder().typicalP(0.2f).build(), logits)).containsExactly(1);
        assertThat(kept(SamplerOptions.builder().typicalP(0.5f).build(), logits)).containsExactly(0, 1);
        assertThat(kept(SamplerOptions.builder().typicalP(0.85f).build(), logits)).containsExactly(0, 1, 2);
        assertThat(kept(SamplerOptions.builder().typicalP(0.5f).build(), 0, 0, 0, 0)).containsExactly(0, 1);
    }

    @Test
    void filtersApplyInOrderAndSeeWhatTheOneBeforeLeft() {
        // Of the two that top-k keeps, 0.5 holds 5/8 of the probability: enough for top-p.
        float[] logits = logs(0.5, 0.3, 0.1, 0.1);
        assertThat(kept(SamplerOptions.builder().topK(2).topP(0.6f).build(), logits)).containsExactly(0);
        assertThat(kept(SamplerOptions.builder().topP(0.6f).build(), logits)).containsExactly(0, 1);
        // Temperature comes last: it does not widen the set.
        assertThat(kept(SamplerOptions.builder().topP(0.6f).temperature(100).build(), logits))
                .containsExactly(0, 1);
    }

    @Test
    void anyCombinationOfFiltersEqualsTheDefinition() {
        Seeds.check(400, random -> {
            int vocab = 1 + random.nextInt(200);
            float[] logits = randomLogits(random, vocab);
            SamplerOptions options = SamplerOptions.builder()
                    .temperature(random.nextFloat(0.1f, 3))
                    .topK(random.nextBoolean() ? 0 : random.nextInt(vocab + 3))
                    .topP(random.nextBoolean() ? 1 : random.nextFloat())
                    .minP(random.nextBoolean() ? 0 : random.nextFloat() * random.nextFloat())
                    .typicalP(random.nextBoolean() ? 1 : random.nextFloat())
                    .build();
            double[] expected = Definition.distribution(options, logits);
            float[] actual = distribution(options, logits);
            for (int i = 0; i < vocab; i++) assertThat((double) actual[i]).isCloseTo(expected[i], within(2e-7));
            assertThat(kept(options, logits))
                    .isEqualTo(IntStream.range(0, vocab)
                            .filter(i -> (float) expected[i] > 0)
                            .boxed()
                            .toList());
        });
    }

    @Test
    void largeVocabularyEqualsTheDefinition() {
        Seeds.check(2, random -> {
            float[] logits = new float[151_937];
            for (int i = 0; i < logits.length; i++) logits[i] = (float) (3 * random.nextGaussian());
            for (SamplerOptions options : List.of(
                    SamplerOptions.builder().topK(41).build(),
                    SamplerOptions.builder().topP(0.9f).build(),
                    SamplerOptions.builder().minP(0.02f).build())) {
                double[] expected = Definition.distribution(options, logits);
                float[] actual = distribution(options, logits);
                for (int i = 0; i < logits.length; i++)
                    if (Math.abs(actual[i] - expected[i]) > 1e-8)
                        assertThat(actual[i]).as("token %s", i).isEqualTo((float) expected[i]);
            }
        });
    }

    @Test
    void drawsFollowTheDistribution() {
        List<SamplerOptions.Builder> all = List.of(
                SamplerOptions.builder(),
                SamplerOptions.builder().temperature(0.7f),
                SamplerOptions.builder().topK(7).temperature(1.5f),
                SamplerOptions.builder().topP(0.8f),
                SamplerOptions.builder().typicalP(0.7f),
                SamplerOptions.builder().minP(0.1f));
        float[] logits = new float[23];
        RandomGenerator random = new SplittableRandom(5);
        for (int i = 0; i < logits.length; i++) logits[i] = i % 6 == 0 ? MASKED : (float) random.nextGaussian();
        for (SamplerOptions.Builder builder : all) {
            SamplerOptions options = builder.seed(11).build();
            double[] expected = Definition.distribution(options, logits);
            Sampler sampler = new Sampler(options, logits.length);
            int draws = 40_000;
            int[] counts = new int[logits.length];
            for (int i = 0; i < draws; i++) counts[sampler.sample(logits.clone())]++;
            double chiSquare = 0;
            int cells = 0;
            double restExpected = 0;
            double restCounted = 0;
            for (int i = 0; i < counts.length; i++) {
                if (expected[i] == 0) assertThat(counts[i]).isZero();
                if (expected[i] * draws < 10) {
                    restExpected += expected[i] * draws;
                    restCounted += counts[i];
                } else {
                    chiSquare += Math.pow(counts[i] - expected[i] * draws, 2) / (expected[i] * draws);
                    cells++;
                }
            }
            if (restExpected > 1) {
                chiSquare += Math.pow(restCounted - restExpected, 2) / restExpected;
                cells++;
            }
            assertThat(cells).isGreaterThan(2);
            double freedom = cells - 1;
            // Wilson and Hilferty: the cube root is nearly normal; 3.1 deviations are one in a thousand.
            double deviation = (Math.cbrt(chiSquare / freedom) - 1 + 2 / (9 * freedom)) / Math.sqrt(2 / (9 * freedom));
            assertThat(deviation).as("chi-square of %s", options).isLessThan(3.1);
        }
    }

    @Test
    void equalSeedsGiveEqualDrawsAndTheSequenceIsFixed() {
        SamplerOptions options = SamplerOptions.builder().seed(42).build();
        Sampler one = new Sampler(options, 1000);
        Sampler two = new Sampler(options, 1000);
        int[] first = IntStream.range(0, 12).map(i -> one.sample(new float[1000])).toArray();
        assertThat(IntStream.range(0, 12).map(i -> two.sample(new float[1000]))).containsExactly(Arrays.stream(first)
                .boxed()
                .toArray(Integer[]::new));
        // SplitMix64 started at 42, published first outputs over 2^64, times 1000.
        assertThat(first).startsWith(741, 159, 278);
        Sampler unseeded = new Sampler(SamplerOptions.builder().build(), 1000);
        Sampler again = new Sampler(SamplerOptions.builder().seed(unseeded.seed()).build(), 1000);
        for (int i = 0; i < 5; i++)
            assertThat(unseeded.sample(new float[1000])).isEqualTo(again.sample(new float[1000]));
    }

    @Test
    void penaltiesFollowTheirEquations() {
        SamplerOptions options = SamplerOptions.builder()
                .temperature(1)
                .repetitionPenalty(2)
                .frequencyPenalty(0.5f)
                .presencePenalty(0.25f)
                .build();
        Sampler sampler = new Sampler(options, 4);
        for (int token : new int[] {0, 1, 1, 3}) sampler.accept(token);
        assertThat(distribution(sampler, 2, -1, 3, MASKED))
                .containsExactly(distribution(
                        SamplerOptions.builder().build(),
                        2 / 2f - 0.5f - 0.25f,
                        -1 * 2f - 2 * 0.5f - 0.25f,
                        3,
                        MASKED));
    }

    @Test
    void penaltiesForgetWhatLeavesTheWindowAndWhatIsRetracted() {
        Seeds.check(100, random -> {
            int window = 1 + random.nextInt(10);
            SamplerOptions options = SamplerOptions.builder()
                    .frequencyPenalty(1)
                    .penaltyWindow(random.nextInt(5) == 0 ? Integer.MAX_VALUE : window)
                    .build();
            Sampler sampler = new Sampler(options, 7);
            List<Integer> sequence = new ArrayList<>();
            for (int step = 0; step < 60; step++) {
                if (random.nextInt(4) == 0 && !sequence.isEmpty()) {
                    int count = 1 + random.nextInt(sequence.size());
                    sampler.retract(count);
                    sequence.subList(sequence.size() - count, sequence.size()).clear();
                } else {
                    int token = random.nextInt(7);
                    sampler.accept(token);
                    sequence.add(token);
                }
                float[] expected = new float[7];
                int from = options.penaltyWindow() == Integer.MAX_VALUE ? 0 : Math.max(0, sequence.size() - window);
                for (int token : sequence.subList(from, sequence.size())) expected[token]--;
                assertThat(distribution(sampler, new float[7]))
                        .containsExactly(distribution(SamplerOptions.builder().build(), expected));
            }
        });
    }

    @Test
    void biasMovesAndForbidsTokens() {
        SamplerOptions options =
                SamplerOptions.builder().logitBias(Map.of(0, MASKED, 2, 3f)).build();
        assertThat(distribution(options, 9, 4, 1, MASKED))
                .containsExactly(distribution(SamplerOptions.builder().build(), MASKED, 4, 4, MASKED));
        assertThatThrownBy(() -> new Sampler(options, 2))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("found token id 2")
                .hasMessageContaining("0 to 1");
    }

    @Test
    void logprobsAreThoseOfTheRawLogits() {
        SamplerOptions options = SamplerOptions.builder()
                .temperature(0)
                .logitBias(Map.of(0, 100f))
                .topLogprobs(2)
                .build();
        Sampler sampler = new Sampler(options, 4);
        assertThat(sampler.sample(logs(0.125, 0.25, 0.5, 0.125))).isZero();
        Logprobs logprobs = sampler.logprobs().orElseThrow();
        assertThat(logprobs.chosen()).isZero();
        assertThat(logprobs.of(0)).isCloseTo(Math.log(0.125), within(1e-6));
        assertThat(logprobs.size()).isEqualTo(2);
        assertThat(logprobs.id(0)).isEqualTo(2);
        assertThat(logprobs.id(1)).isEqualTo(1);
        sampler.sample(new float[] {MASKED, 5, MASKED, MASKED});
        assertThat(logprobs.size()).isEqualTo(1);
        assertThat(logprobs.of(1)).isZero();
        assertThat(logprobs.of(2)).isEqualTo(Double.NEGATIVE_INFINITY);
    }

    @Test
    void logprobsWithoutTopTokensOrBeyondTheVocabulary() {
        Sampler none = new Sampler(SamplerOptions.builder().topLogprobs(0).build(), 3);
        int chosen = none.sample(new float[] {1, 1, 1});
        assertThat(none.logprobs().orElseThrow().size()).isZero();
        assertThat(none.logprobs().orElseThrow().of(chosen)).isCloseTo(-Math.log(3), within(1e-12));
        Sampler many = new Sampler(SamplerOptions.builder().topLogprobs(20).build(), 3);
        many.sample(new float[] {1, 3, 2});
        assertThat(many.logprobs().orElseThrow().size()).isEqualTo(3);
        assertThat(new Sampler(SamplerOptions.greedy(), 3).logprobs()).isEmpty();
    }

    @Test
    void refusesLogitsThatAreNoDistribution() {
        for (SamplerOptions options : List.of(
                SamplerOptions.greedy(),
                SamplerOptions.builder().build(),
                SamplerOptions.builder().topK(1).topLogprobs(1).build())) {
            Sampler sampler = new Sampler(options, 3);
            assertThatThrownBy(() -> sampler.sample(new float[] {1, Float.NaN, 2}))
                    .isInstanceOf(LaconicException.class)
                    .hasMessageContaining("token 1")
                    .hasMessageContaining("NaN");
            assertThatThrownBy(() -> sampler.sample(new float[] {1, 2, Float.POSITIVE_INFINITY}))
                    .isInstanceOf(LaconicException.class)
                    .hasMessageContaining("token 2");
            assertThatThrownBy(() -> sampler.sample(new float[] {MASKED, MASKED, MASKED}))
                    .isInstanceOf(LaconicException.class)
                    .hasMessageContaining("no token left");
            assertThatThrownBy(() -> sampler.sample(new float[2])).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void drawTakesUnnormalisedWeights() {
        Sampler sampler = new Sampler(SamplerOptions.builder().seed(1).build(), 3);
        int[] counts = new int[3];
        for (int i = 0; i < 30_000; i++) counts[sampler.draw(new float[] {0, 30, 10})]++;
        assertThat(counts[0]).isZero();
        assertThat(counts[1] / 30_000.0).isCloseTo(0.75, within(0.01));
        assertThatThrownBy(() -> sampler.draw(new float[3])).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void exponentialIsAccurate() {
        Seeds.check(2000, random -> {
            double x = -random.nextDouble(0, 708);
            assertThat(Exp.exp(x)).isCloseTo(StrictMath.exp(x), within(2 * Math.ulp(StrictMath.exp(x))));
        });
        assertThat(Exp.exp(0)).isEqualTo(1);
        assertThat(Exp.exp(-0.0)).isEqualTo(1);
        assertThat(Exp.exp(Double.NEGATIVE_INFINITY)).isZero();
    }

    private static float[] randomLogits(RandomGenerator random, int vocab) {
        float[] logits = new float[vocab];
        boolean ties = random.nextBoolean();
        for (int i = 0; i < vocab; i++) {
            logits[i] = (float) (2 * random.nextGaussian());
            if (ties) logits[i] = Math.round(logits[i]);
            if (random.nextInt(6) == 0) logits[i] = MASKED;
        }
        logits[random.nextInt(vocab)] = 1;
        return logits;
    }

    private static float[] logs(double... probabilities) {
        float[] logits = new float[probabilities.length];
        for (int i = 0; i < logits.length; i++) logits[i] = (float) Math.log(probabilities[i]);
        return logits;
    }

    private static float[] distribution(SamplerOptions options, float... logits) {
        return distribution(new Sampler(options, logits.length), logits);
    }

    private static float[] distribution(Sampler sampler, float... logits) {
        float[] buffer = logits.clone();
        sampler.distribution(buffer);
        return buffer;
    }

    private static List<Integer> kept(SamplerOptions options, float... logits) {
        float[] p = distribution(options, logits);
        return IntStream.range(0, p.length).filter(i -> p[i] > 0).boxed().toList();
    }

    /** The filters as their papers define them, over boxed lists and double precision. */
    private static final class Definition {
        static double[] distribution(SamplerOptions options, float[] logits) {
            List<Integer> left = new ArrayList<>();
            for (int i = 0; i < logits.length; i++) if (logits[i] != MASKED) left.add(i);
            Comparator<Integer> likely = Comparator.comparingDouble((Integer i) -> -logits[i] - 0.0)
                    .thenComparing(Comparator.naturalOrder());
            left.sort(likely);
            if (options.topK() > 0) left = left.subList(0, Math.min(options.topK(), left.size()));
            if (options.typicalP() < 1) {
                double[] p = softmax(logits, left, 1);
                double entropy = 0;
                for (int i : left) entropy -= p[i] == 0 ? 0 : p[i] * Math.log(p[i]);
                double mean = entropy;
                List<Integer> order = new ArrayList<>(left);
                double logSum = logSum(logits, left);
                order.sort(Comparator.comparing((Integer i) -> (float) Math.abs(logSum - logits[i] - mean))
                        .thenComparing(Comparator.naturalOrder()));
                left = new ArrayList<>(prefix(order, p, options.typicalP()));
                left.sort(likely);
            }
            if (options.topP() < 1) left = prefix(left, softmax(logits, left, 1), options.topP());
            if (options.minP() > 0) {
                float max = logits[left.getFirst()];
                left = left.stream()
                        .filter(i -> Math.exp(logits[i] - (double) max) >= options.minP())
                        .toList();
            }
            return softmax(logits, left, options.temperature());
        }

        private static List<Integer> prefix(List<Integer> order, double[] p, double share) {
            double sum = 0;
            for (int n = 0; n < order.size(); n++) {
                sum += p[order.get(n)];
                if (sum >= share) return order.subList(0, n + 1);
            }
            return order;
        }

        private static double logSum(float[] logits, List<Integer> left) {
            return Math.log(left.stream().mapToDouble(i -> Math.exp(logits[i])).sum());
        }

        private static double[] softmax(float[] logits, List<Integer> left, double temperature) {
            double max = left.stream().mapToDouble(i -> logits[i]).max().orElseThrow();
            double[] p = new double[logits.length];
            double sum = 0;
            for (int i : left) sum += p[i] = Math.exp((logits[i] - max) / temperature);
            for (int i : left) p[i] /= sum;
            return p;
        }
    }
}
