package dev.rekindle.orchestrator.simulator;

import java.nio.file.Path;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The latency of each request in the life of a process, as recorded. A process that lives longer
 * than the record draws from the record's end: its last quarter, at most 100 values.
 */
public final class Curve {
  /** The CSV's header. */
  static final List<String> HEADER = List.of("request", "latency_us");

  private static final int LONGEST_TAIL = 100;
  private static final int TAIL_SHARE = 4;

  /** An hour; no request of a function takes longer. */
  private static final double MAX_MICROS = 3.6e9;

  private final String name;
  private final long[] nanos;
  private final int tail;
  private final Weather weather;

  private Curve(String name, long[] nanos, Weather weather) {
    this.name = name;
    this.nanos = nanos;
    this.tail = tail(nanos.length);
    this.weather = weather;
  }

  /** A curve from latencies in nanoseconds; the first is that of request 1. */
  public static Curve of(String name, long[] nanos) {
    if (nanos.length == 0) {
      throw new IllegalArgumentException("the curve '%s' has no requests".formatted(name));
    }
    return new Curve(name, nanos.clone(), Weather.CALM);
  }

  /**
   * The curve of a file's path or of a made-up curve's name.
   *
   * @throws InvalidFileException if it is no such file, with line and field
   * @throws IllegalArgumentException if there is no such made-up curve
   */
  static Curve named(String name) {
    return name.startsWith(MadeUpCurves.PREFIX) ? MadeUpCurves.named(name) : read(Path.of(name));
  }

  /**
   * Reads a CSV with header {@code request,latency_us}; row k is request k.
   *
   * @throws InvalidFileException if it is no such file, with line and field
   */
  public static Curve read(Path file) {
    List<double[]> rows = CsvTable.read(file, HEADER);
    long[] nanos = new long[rows.size()];
    for (int i = 0; i < nanos.length; i++) {
      double[] row = rows.get(i);
      int line = i + 2;
      if (row[0] != i + 1) {
        throw new InvalidFileException(
            file.toString(),
            line,
            HEADER.get(0),
            "it is %s, not %d".formatted(row[0], i + 1),
            "Number the requests 1, 2, 3 and so on.");
      }
      if (row[1] > MAX_MICROS) {
        throw new InvalidFileException(
            file.toString(), line, HEADER.get(1), row[1] + " is more than an hour", "Write µs.");
      }
      nanos[i] = Math.round(row[1] * 1e3);
    }
    return new Curve(file.getFileName().toString(), nanos, Weather.CALM);
  }

  /** What it is called. */
  public String name() {
    return name;
  }

  /** How many requests were recorded. */
  public int length() {
    return nanos.length;
  }

  /** What the machine adds to it. */
  Weather weather() {
    return weather;
  }

  /** The same on another machine. */
  Curve under(Weather other) {
    return new Curve(name, nanos, other);
  }

  /** Nanoseconds of the k-th request of a process, k from 1, in calm weather. */
  long at(long request, RandomGenerator random) {
    return request <= nanos.length
        ? nanos[(int) request - 1]
        : nanos[nanos.length - 1 - random.nextInt(tail)];
  }

  /** The mean of what a process draws from that outlives a record of so many of these requests. */
  double tailMean(int recorded) {
    int drawn = tail(recorded);
    double sum = 0;
    for (int i = recorded - drawn; i < recorded; i++) {
      sum += nanos[i];
    }
    return sum / drawn;
  }

  private static int tail(int recorded) {
    return Math.max(1, Math.min(LONGEST_TAIL, recorded / TAIL_SHARE));
  }

  /**
   * A curve that might have been recorded instead: each value is drawn from those of neighbouring
   * requests, within a tenth of its number.
   */
  Curve resampled(RandomGenerator random) {
    long[] drawn = new long[nanos.length];
    for (int i = 0; i < drawn.length; i++) {
      int reach = (i + 1) / 10;
      int from = i - reach;
      int to = Math.min(nanos.length - 1, i + reach);
      drawn[i] = nanos[from + random.nextInt(to - from + 1)];
    }
    return new Curve(name, drawn, weather);
  }
}
