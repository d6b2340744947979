package dev.laconic.train;

import java.awt.Color;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;
import tools.jackson.databind.json.JsonMapper;

/** The course of a run: one JSON object a line in a file, and a plot of it. */
final class Curve {

    /**
     * The means over the steps since the last point.
     *
     * @param step steps done
     * @param tokens tokens seen
     * @param stage name of the stage
     * @param length sequence length of the last step
     * @param loss weighted mean cross entropy in nats
     * @param norm of the gradient before clipping
     * @param rate learning rate
     */
    record Point(int step, long tokens, String stage, int length, double loss, double norm, double rate) {}

    private final Path file;
    private final List<Point> points = new ArrayList<>();

    /** @param from steps after which the run goes on; later points of the file are dropped */
    Curve(Path file, int from) {
        this.file = file;
        if (!Files.exists(file)) return;
        try {
            for (String line : Files.readAllLines(file)) {
                Point point = JsonMapper.shared().readValue(line, Point.class);
                if (point.step <= from) points.add(point);
            }
            Files.write(file, points.stream().map(JsonMapper.shared()::writeValueAsString).toList());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /** @param tokens seen since the last point */
    void add(int step, long tokens, String stage, int length, double loss, double norm, double rate) {
        long before = points.isEmpty() ? 0 : points.getLast().tokens;
        Point point = new Point(step, before + tokens, stage, length, loss, norm, rate);
        points.add(point);
        try {
            Files.writeString(
                    file,
                    JsonMapper.shared().writeValueAsString(point) + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    /** Loss over millions of tokens as a PNG image. */
    void plot(Path image, String title) {
        if (points.size() < 2) return;
        XYChart chart = new XYChartBuilder()
                .width(900)
                .height(450)
                .title(title)
                .xAxisTitle("million tokens")
                .yAxisTitle("loss (nats)")
                .theme(Styler.ChartTheme.GGPlot2)
                .build();
        chart.getStyler().setLegendVisible(false).setChartBackgroundColor(Color.WHITE);
        chart.addSeries(
                        "loss",
                        points.stream().mapToDouble(point -> point.tokens / 1e6).toArray(),
                        points.stream().mapToDouble(Point::loss).toArray())
                .setMarker(SeriesMarkers.NONE);
        try {
            BitmapEncoder.saveBitmap(chart, image.toString(), BitmapEncoder.BitmapFormat.PNG);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + image, e);
        }
    }
}
