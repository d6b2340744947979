package dev.laconic.bench.speed;

import dev.laconic.kernels.MachineLimits;
import java.util.List;
import java.util.Locale;

/**
 * A plot of products below the limits of their machine, as SVG: operations a second over operations for each byte of
 * weights, both logarithmic.
 *
 * <p>Williams, Waterman and Patterson, Roofline: An Insightful Visual Performance Model for Multicore Architectures,
 * Communications of the ACM 52(4), 2009: what can be reached is {@code min(computing, bandwidth * intensity)}.
 */
public final class Roofline {
    private static final int WIDTH = 760;
    private static final int HEIGHT = 460;
    private static final int LEFT = 64;
    private static final int RIGHT = 130;
    private static final int TOP = 30;
    private static final int BOTTOM = 48;
    private static final List<String> COLOURS = List.of(
            "#3366cc", "#dc3912", "#109618", "#990099", "#ff9900", "#0099c6", "#aa7711", "#dd4477");

    private final StringBuilder svg = new StringBuilder();
    private final double mostIntensity;
    private final double most;

    private Roofline(MachineLimits limits) {
        most = 2 * Math.max(limits.flops(), limits.integerOps());
        mostIntensity = 4096;
    }

    public static String svg(MachineLimits limits, List<ProductResult> results) {
        Roofline plot = new Roofline(limits);
        plot.axes(limits.threads());
        plot.roof("float32", limits.flops(), limits.bytes());
        if (limits.integerOps() > 0) plot.roof("8-bit integers", limits.integerOps(), limits.bytes());
        List<String> series = results.stream().map(Roofline::series).distinct().toList();
        for (int i = 0; i < series.size(); i++) plot.series(series.get(i), i, results);
        return plot.svg.append("</svg>\n").toString();
    }

    private static String series(ProductResult result) {
        return provider(result) + " " + result.type();
    }

    private static String provider(ProductResult result) {
        return result.kernels().replaceAll("[-/,( ].*", "");
    }

    private void axes(int threads) {
        add("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' font-family='sans-serif' font-size='12'>",
                WIDTH, HEIGHT);
        add("<rect width='%d' height='%d' fill='white'/>", WIDTH, HEIGHT);
        add("<text x='%d' y='18'>Products of 2048 x 2048 matrices, %d thread%s</text>",
                LEFT, threads, threads == 1 ? "" : "s");
        grid(1, mostIntensity, true);
        grid(1e9, most, false);
        add("<text x='%d' y='%d' text-anchor='middle'>operations for each byte of weights</text>",
                (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10);
        add("<text transform='translate(14 %d) rotate(-90)' text-anchor='middle'>GOP/s</text>",
                (TOP + HEIGHT - BOTTOM) / 2);
    }

    private void grid(double from, double to, boolean vertical) {
        for (double v = from; v <= to; v *= vertical ? 4 : 10) {
            if (vertical) {
                line(x(v), TOP, x(v), HEIGHT - BOTTOM, "#ddd");
                add("<text x='%.1f' y='%d' text-anchor='middle'>%.0f</text>", x(v), HEIGHT - BOTTOM + 16, v);
            } else {
                line(LEFT, y(v), WIDTH - RIGHT, y(v), "#ddd");
                add("<text x='%d' y='%.1f' text-anchor='end'>%.0f</text>", LEFT - 6, y(v) + 4, v / 1e9);
            }
        }
    }

    private void roof(String name, double computing, double bytes) {
        double ridge = computing / bytes;
        line(x(1), y(bytes), x(ridge), y(computing), "black");
        line(x(ridge), y(computing), x(mostIntensity), y(computing), "black");
        add("<text x='%.1f' y='%.1f' text-anchor='end'>%s: %.0f GOP/s, %.1f GB/s</text>",
                x(mostIntensity) - 4, y(computing) - 5, name, computing / 1e9, bytes / 1e9);
    }

    private void series(String name, int index, List<ProductResult> results) {
        String colour = COLOURS.get(index % COLOURS.size());
        StringBuilder points = new StringBuilder();
        for (ProductResult result : results) {
            if (!series(result).equals(name)) continue;
            double x = x(result.intensity());
            double y = y(result.operations());
            points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x, y));
            add("<circle cx='%.1f' cy='%.1f' r='3' fill='%s'><title>%s, n = %d</title></circle>",
                    x, y, colour, name, result.n());
        }
        add("<polyline points='%s' fill='none' stroke='%s'/>", points, colour);
        add("<text x='%d' y='%d' fill='%s'>%s</text>", WIDTH - RIGHT + 10, TOP + 14 + 16 * index, colour, name);
    }

    private double x(double intensity) {
        return LEFT + (WIDTH - LEFT - RIGHT) * Math.log(Math.max(1, intensity)) / Math.log(mostIntensity);
    }

    private double y(double operations) {
        double share = Math.log(Math.max(1e9, operations) / 1e9) / Math.log(most / 1e9);
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share;
    }

    private void line(double x1, double y1, double x2, double y2, String colour) {
        add("<line x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f' stroke='%s'/>", x1, y1, x2, y2, colour);
    }

    private void add(String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
