package dev.rekindle.loadtests.run;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.OptionalDouble;

/** Reads what a service tells of itself at {@code /metrics}. */
public final class ServiceGauges {
  /** Compressing a snapshot of a GB and hashing it takes a core for a while. */
  private static final Duration UPLOAD_PATIENCE = Duration.ofMinutes(10);

  private static final String UPLOADS = "rekindle_store_tasks_waiting";

  private final HttpClient http = HttpClient.newHttpClient();
  private final URI metrics;

  /** The gauges of the service at an address. */
  public ServiceGauges(URI service) {
    this.metrics = service.resolve("/metrics");
  }

  /**
   * Waits until no snapshot is on its way to the store any more: what that takes of the cores
   * belongs to the checkpoint, not to the starts that are measured.
   *
   * @throws BenchmarkException if the service does not tell, or does not come to its end
   */
  public void awaitUploads() {
    Waiting.until("the end of the service's uploads", UPLOAD_PATIENCE, () -> value(UPLOADS) == 0);
  }

  private double value(String gauge) {
    return valueIn(text(), gauge);
  }

  /** The value of a metric, named with its labels; empty if the service has none. */
  public OptionalDouble find(String metric) {
    return findIn(text(), metric);
  }

  private String text() {
    try {
      HttpResponse<String> reply =
          http.send(HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofString());
      return reply.body();
    } catch (IOException e) {
      throw new BenchmarkException(
          BenchmarkException.Cause.SERVICE, "%s cannot be read: %s".formatted(metrics, e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchmarkException(BenchmarkException.Cause.INTERRUPTED, "interrupted");
    }
  }

  /**
   * The value of a gauge without labels in Prometheus's text format.
   *
   * @throws BenchmarkException if it is not there
   */
  static double valueIn(String text, String gauge) {
    return findIn(text, gauge)
        .orElseThrow(
            () ->
                new BenchmarkException(
                    BenchmarkException.Cause.SERVICE, "the service has no metric " + gauge));
  }

  /** The same in Prometheus's text format. */
  static OptionalDouble findIn(String text, String metric) {
    return text.lines()
        .filter(line -> line.startsWith(metric + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(metric.length() + 1)))
        .findFirst();
  }
}
