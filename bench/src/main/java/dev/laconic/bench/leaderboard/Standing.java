package dev.laconic.bench.leaderboard;

import dev.laconic.bench.cache.CacheRow;
import dev.laconic.bench.cache.Query;
import dev.laconic.bench.workload.Score;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * All results of one technique in one setting.
 *
 * @param rows its rows, failures left out
 */
record Standing(String technique, String setting, List<CacheRow> rows) {

    /** A cell of tasks and what the full cache has there. */
    record Cell(CacheRow row, CacheRow full) {
        double accuracy() {
            return row.number("accuracy").orElseThrow();
        }

        double fullAccuracy() {
            return full.number("accuracy").orElseThrow();
        }

        double lost() {
            return fullAccuracy() - accuracy();
        }
    }

    /** The standings of all that was judged, in the order of the rows. */
    static List<Standing> of(List<CacheRow> rows) {
        Map<String, Standing> standings = new LinkedHashMap<>();
        for (CacheRow row : rows) {
            Standing standing = standings.computeIfAbsent(
                    row.technique() + "\n" + row.setting(),
                    key -> new Standing(row.technique(), row.setting(), new ArrayList<>()));
            if (!row.failed()) standing.rows.add(row);
        }
        return List.copyOf(standings.values());
    }

    private static boolean isTask(CacheRow row) {
        return row.number("accuracy").isPresent();
    }

    /** The cells of one way of asking in which the full cache knows any answer. */
    List<Cell> cells(Query query, Standing full) {
        List<Cell> cells = new ArrayList<>();
        for (CacheRow row : rows) {
            if (!isTask(row) || !row.query().equals(query.toString())) continue;
            full.rows.stream()
                    .filter(other -> isTask(other)
                            && other.task().equals(row.task())
                            && other.query().equals(row.query())
                            && other.length() == row.length()
                            && other.number("accuracy").orElse(0) > 0)
                    .findFirst()
                    .ifPresent(other -> cells.add(new Cell(row, other)));
        }
        return cells;
    }

    /** Share of the full cache's right answers that are right here. */
    OptionalDouble kept(Query query, Standing full) {
        List<Cell> cells = cells(query, full);
        double whole = cells.stream().mapToDouble(Cell::fullAccuracy).sum();
        return whole == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of(cells.stream().mapToDouble(Cell::accuracy).sum() / whole);
    }

    /** All tasks of one way of asking together. */
    Score score(Query query, Standing full) {
        int right = 0;
        int total = 0;
        for (Cell cell : cells(query, full)) {
            int n = (int) cell.row.number("n").orElse(0);
            right += (int) Math.round(cell.accuracy() * n);
            total += n;
        }
        return new Score(right, total);
    }

    /** Mean of a number over all tasks. */
    OptionalDouble overTasks(String name) {
        return rows.stream()
                .filter(Standing::isTask)
                .map(row -> row.number(name))
                .filter(OptionalDouble::isPresent)
                .mapToDouble(OptionalDouble::getAsDouble)
                .average();
    }

    /** A number of the row of this kind; the longest if there are several. */
    OptionalDouble of(String task, String name) {
        return rows.stream()
                .filter(row -> row.task().equals(task))
                .max(Comparator.comparingInt(CacheRow::length))
                .map(row -> row.number(name))
                .orElse(OptionalDouble.empty());
    }

    /** A number of the speed row over so many entries. */
    OptionalDouble speed(int cached, String name) {
        return rows.stream()
                .filter(row -> row.task().equals(CacheRow.SPEED) && row.length() == cached)
                .findFirst()
                .map(row -> row.number(name))
                .orElse(OptionalDouble.empty());
    }

    /** Where most answers are lost. */
    Optional<Cell> weakest(Standing full) {
        List<Cell> cells = new ArrayList<>();
        for (Query query : Query.values()) cells.addAll(cells(query, full));
        return cells.stream().filter(cell -> cell.lost() > 0).max(Comparator.comparingDouble(Cell::lost));
    }

    /** Whether another keeps more answers in fewer bytes, both ways of asking counted alike. */
    boolean dominated(List<Standing> others, Standing full) {
        double bytes = overTasks("bytesRatio").orElse(Double.POSITIVE_INFINITY);
        double kept = keptBothWays(full);
        for (Standing other : others) {
            double otherBytes = other.overTasks("bytesRatio").orElse(Double.POSITIVE_INFINITY);
            double otherKept = other.keptBothWays(full);
            if (otherBytes <= bytes && otherKept >= kept && (otherBytes < bytes || otherKept > kept)) return true;
        }
        return false;
    }

    double keptBothWays(Standing full) {
        double sum = 0;
        int ways = 0;
        for (Query query : Query.values()) {
            OptionalDouble kept = kept(query, full);
            if (kept.isEmpty()) continue;
            sum += kept.getAsDouble();
            ways++;
        }
        return ways == 0 ? 0 : sum / ways;
    }
}
