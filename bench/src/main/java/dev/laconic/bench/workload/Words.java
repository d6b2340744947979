package dev.laconic.bench.workload;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** The words that tasks are made of. */
final class Words {
    static final List<String> NOUNS = list("apple anchor arrow basket beach bell bird blanket boat bone book bottle "
            + "branch bread bridge brush bucket butter button cabin candle carpet castle cat chain chair cherry circle "
            + "clock cloud coat coffee coin corner cotton cow cradle crown cup curtain desert desk dog door dragon dream "
            + "dress drum eagle ear egg engine evening face farm feather fence field finger fire fish flag floor flower "
            + "forest fork fox frog garden gate ghost glass goat gold goose grass guitar hammer harbor hat heart hill "
            + "honey horn horse house island jacket jar jewel key king kitchen kite knife ladder lake lamp leaf lemon "
            + "letter lion map market meadow milk mirror money monkey moon morning mountain mouse music nail necklace "
            + "needle nest night ocean onion orange oven owl page paint paper parrot pencil pepper piano picture pillow "
            + "pipe plate pocket pond potato queen rabbit radio rain ring river road roof rope rose saddle sail salt "
            + "school scissors shadow sheep ship shoe silver sister sky snake snow soap soldier song spider spoon spring "
            + "star station stone storm street sugar summer sun sword table tail tea tent thunder tiger tooth tower town "
            + "train tree trumpet tunnel turtle umbrella valley village violin wagon wall water wheel whistle wind "
            + "window wine winter wolf wood");
    static final List<String> ADJECTIVES = list("angry black blue brave bright broken brown calm clean clever cold "
            + "cruel dark deep dry early empty fast fat free fresh gentle golden grand gray great green happy heavy "
            + "hidden hollow hungry large lazy little lonely long loud lucky narrow new noble old pale plain proud quick "
            + "quiet red rich round sad secret sharp short silent small soft strange strong sweet tall thin tiny warm "
            + "weak white wide wild wise yellow young");
    static final List<String> NAMES = list("Adam Alice Anna Arthur Ben Carl Clara David Diana Edgar Ella Emma Eric "
            + "Felix Frank George Grace Hannah Harry Helen Henry Ian Ida Jack James Jane John Julia Karl Kate Laura Leo "
            + "Lily Lucy Mark Martha Mary Max Nina Nora Oliver Oscar Paul Peter Philip Rachel Richard Robert Rosa Ruth "
            + "Sam Sarah Simon Sophia Stella Susan Thomas Tom Victor Walter");
    static final Set<String> WOMEN = Set.copyOf(list("Alice Anna Clara Diana Ella Emma Grace Hannah Helen "
            + "Ida Jane Julia Kate Laura Lily Lucy Martha Mary Nina Nora Rachel Rosa Ruth Sarah Sophia Stella Susan"));
    static final List<String> JOBS = list("baker butcher carpenter cook doctor driver farmer gardener hunter judge "
            + "lawyer painter pilot poet potter sailor singer smith tailor teacher waiter writer");
    static final List<String> CITIES = list("Athens Berlin Boston Cairo Chicago Dublin Geneva Lisbon London Madrid "
            + "Milan Moscow Naples Oslo Oxford Paris Prague Rome Sydney Tokyo Venice Vienna");
    static final List<String> FOODS = list("apples beans bread butter cake cheese cherries chicken chocolate eggs fish "
            + "grapes honey lemons mushrooms nuts onions oranges pears potatoes rice soup");
    static final List<String> COLOURS =
            list("black blue brown gold gray green orange pink purple red silver violet white yellow");
    static final List<String> PETS = list("bird cat cow dog duck fish fox frog goat horse lizard mouse owl parrot pig "
            + "rabbit snake turtle");

    private Words() {}

    static <T> T pick(RandomGenerator random, List<T> from) {
        return from.get(random.nextInt(from.size()));
    }

    /** {@code count} different things of a source that has more than so many. */
    static List<String> distinct(int count, Supplier<String> source) {
        Set<String> all = new LinkedHashSet<>();
        while (all.size() < count) all.add(source.get());
        return new ArrayList<>(all);
    }

    /** A number of so many digits, the first not 0. */
    static String digits(RandomGenerator random, int count) {
        StringBuilder digits = new StringBuilder().append(1 + random.nextInt(9));
        while (digits.length() < count) digits.append(random.nextInt(10));
        return digits.toString();
    }

    static void shuffle(RandomGenerator random, List<?> list) {
        for (int i = list.size(); i > 1; i--) java.util.Collections.swap(list, i - 1, random.nextInt(i));
    }

    private static List<String> list(String words) {
        return List.of(words.split(" "));
    }
}
