package dev.laconic.bench.leaderboard;

import dev.laconic.core.technique.Stage;
import dev.laconic.core.technique.TechniqueInfo;
import dev.laconic.core.technique.Techniques;
import java.util.Optional;

/**
 * What a technique's declaration says of its origin.
 *
 * @param address of the paper; empty if there is none
 */
record Paper(String title, String address) {

    /** The paper of a technique that is installed. */
    static Optional<Paper> of(String id) {
        return Techniques.installed().list(Stage.CACHE).stream()
                .filter(info -> info.id().equals(id))
                .findFirst()
                .map(info -> new Paper(info.title(), address(info)));
    }

    private static String address(TechniqueInfo info) {
        String paper = info.paper();
        if (paper.isEmpty() || paper.startsWith("http")) return paper;
        return (paper.startsWith("10.") ? "https://doi.org/" : "https://arxiv.org/abs/") + paper;
    }
}
