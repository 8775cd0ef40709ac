package dev.rekindle.loadtests.policies;

import dev.rekindle.loadtests.run.LogAxis;
import java.util.List;
import java.util.Locale;

/**
 * Latencies over request numbers as an SVG picture: one panel below the other, a line of running
 * medians for each series with a dot for each start, and one legend. The viewer brings the fonts.
 */
final class LatencyPlot {
  private static final int WIDTH = 860;
  private static final int PANEL_HEIGHT = 250;
  private static final int LEFT = 62;
  private static final int RIGHT = 200;
  private static final int TOP = 34;
  private static final int BETWEEN = 62;
  private static final int LEGEND_LINE = 20;

  /** More points than this on a line are thinned out: the picture has no room for them. */
  private static final int MOST_POINTS = 150;

  /** Told apart by readers who see colours differently: Okabe and Ito, "Color Universal Design". */
  private static final List<String> COLOURS =
      List.of(
          "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#8c510a", "#7f7f7f", "#d55e00");

  /** Beyond the colours, lines are told apart by their dashes too. */
  private static final List<String> DASHES = List.of("", "6 3", "2 3");

  private final StringBuilder svg = new StringBuilder();

  private LatencyPlot() {}

  /**
   * A line.
   *
   * @param name for the legend; lines of equal names look alike in all panels
   * @param millis its values, from request 1 on; all positive
   * @param dots single values that are shown beside the line
   */
  record Series(String name, List<Double> millis, List<Dot> dots) {
    /** Copies the lists. */
    Series {
      millis = List.copyOf(millis);
      dots = List.copyOf(dots);
    }
  }

  /**
   * A single value.
   *
   * @param request from 1 on
   * @param millis positive
   */
  record Dot(long request, double millis) {}

  /**
   * A diagram.
   *
   * @param title what is above it
   * @param series its lines, each with one value at least
   */
  record Panel(String title, List<Series> series) {
    /** Copies the list. */
    Panel {
      series = List.copyOf(series);
    }
  }

  /** The picture. */
  static String svg(List<Panel> panels) {
    List<String> names =
        panels.stream().flatMap(p -> p.series().stream()).map(Series::name).distinct().toList();
    LatencyPlot plot = new LatencyPlot();
    int height = Math.max(TOP + panels.size() * (PANEL_HEIGHT + BETWEEN), legendHeight(names));
    plot.add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
            + " viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">%n",
        WIDTH, height, WIDTH, height);
    plot.add("<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n");
    for (int i = 0; i < panels.size(); i++) {
      plot.panel(panels.get(i), TOP + i * (PANEL_HEIGHT + BETWEEN), names);
    }
    plot.legend(names);
    plot.add("</svg>%n");
    return plot.svg.toString();
  }

  private static int legendHeight(List<String> names) {
    return TOP + LEGEND_LINE * (names.size() + 3);
  }

  private void panel(Panel panel, int top, List<String> names) {
    LogAxis axis = axis(panel);
    int requests = panel.series().stream().mapToInt(s -> s.millis().size()).max().orElse(1);
    text(LEFT, top - 12, "start", "bold", panel.title());
    for (double mark : axis.marks()) {
      double y = y(axis, top, mark);
      line(LEFT, y, WIDTH - RIGHT, y, "#dddddd");
      text(LEFT - 6, y + 4, "end", "normal", number(mark));
    }
    for (int k = 0; k <= 4; k++) {
      long request = k == 0 ? 1 : Math.round(requests * k / 4.0);
      double x = x(request, requests);
      line(x, top, x, top + PANEL_HEIGHT, "#eeeeee");
      text(x, top + PANEL_HEIGHT + 16, "middle", "normal", Long.toString(request));
    }
    text((LEFT + WIDTH - RIGHT) / 2.0, top + PANEL_HEIGHT + 32, "middle", "normal", "request");
    add(
        "<text transform=\"translate(16 %d) rotate(-90)\" text-anchor=\"middle\">latency,"
            + " ms</text>%n",
        top + PANEL_HEIGHT / 2);
    for (Series series : panel.series()) {
      curve(series, axis, top, requests, names.indexOf(series.name()));
    }
    add(
        "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#555555\"/>%n",
        LEFT, top, WIDTH - RIGHT - LEFT, PANEL_HEIGHT);
  }

  private static LogAxis axis(Panel panel) {
    double least = Double.POSITIVE_INFINITY;
    double greatest = 0;
    for (Series series : panel.series()) {
      for (double value : series.millis()) {
        least = Math.min(least, value);
        greatest = Math.max(greatest, value);
      }
      for (Dot dot : series.dots()) {
        least = Math.min(least, dot.millis());
        greatest = Math.max(greatest, dot.millis());
      }
    }
    return LogAxis.around(least, greatest);
  }

  private void curve(Series series, LogAxis axis, int top, int requests, int index) {
    int count = series.millis().size();
    int points = Math.min(count, MOST_POINTS);
    add("<polyline %s points=\"", stroke(index));
    for (int i = 0; i < points; i++) {
      int at = points == 1 ? 0 : (int) Math.round(i * (count - 1.0) / (points - 1));
      add("%.1f,%.1f ", x(at + 1, requests), y(axis, top, series.millis().get(at)));
    }
    add("\"/>%n");
    for (Dot dot : series.dots()) {
      add(
          "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2\" fill=\"%s\"/>%n",
          x(dot.request(), requests), y(axis, top, dot.millis()), colour(index));
    }
  }

  private static String colour(int index) {
    return COLOURS.get(index % COLOURS.size());
  }

  private static String stroke(int index) {
    String dash = DASHES.get(index / COLOURS.size() % DASHES.size());
    return "fill=\"none\" stroke=\"%s\" stroke-width=\"1.6\" stroke-linejoin=\"round\"%s"
        .formatted(colour(index), dash.isEmpty() ? "" : " stroke-dasharray=\"" + dash + "\"");
  }

  private void legend(List<String> names) {
    for (int i = 0; i < names.size(); i++) {
      int y = TOP + LEGEND_LINE * i + 8;
      int x = WIDTH - RIGHT + 14;
      add("<polyline %s points=\"%d,%d %d,%d\"/>%n", stroke(i), x, y, x + 22, y);
      text(x + 28, y + 4, "start", "normal", names.get(i));
    }
    int below = TOP + LEGEND_LINE * names.size() + 12;
    text(WIDTH - RIGHT + 14.0, below, "start", "normal", "lines: running medians");
    text(WIDTH - RIGHT + 14.0, below + LEGEND_LINE, "start", "normal", "dots: after an eviction");
  }

  private static double x(long request, int requests) {
    double share = requests <= 1 ? 0 : (request - 1.0) / (requests - 1.0);
    return LEFT + share * (WIDTH - RIGHT - LEFT);
  }

  private static double y(LogAxis axis, int top, double millis) {
    return top + PANEL_HEIGHT * (1 - axis.share(millis));
  }

  private void line(double x1, double y1, double x2, double y2, String colour) {
    add(
        "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>%n",
        x1, y1, x2, y2, colour);
  }

  private void text(double x, double y, String anchor, String weight, String text) {
    add(
        "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" font-weight=\"%s\">%s</text>%n",
        x, y, anchor, weight, escaped(text));
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  private static String number(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }

  private void add(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values));
  }
}
