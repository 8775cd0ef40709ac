package dev.rekindle.loadtests.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.rekindle.api.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** Listens to a service's events, and notes when snapshots came to the store or to the node. */
public final class ServiceEvents implements AutoCloseable {
  private static final String DATA = "data: ";

  private final HttpResponse<Stream<String>> response;

  /** When an event came, by its type and snapshot. */
  private final Map<String, Long> nanos = new ConcurrentHashMap<>();

  /** What failed, by snapshot: so that a wait can end early and say why. */
  private final Map<String, String> failures = new ConcurrentHashMap<>();

  private ServiceEvents(HttpResponse<Stream<String>> response) {
    this.response = response;
  }

  /** Listens from now on. */
  public static ServiceEvents of(URI service) throws IOException {
    var request = HttpRequest.newBuilder(service.resolve("/v1/events")).build();
    try {
      var events =
          new ServiceEvents(
              HttpClient.newBuilder()
                  .version(HttpClient.Version.HTTP_1_1)
                  .build()
                  .send(request, HttpResponse.BodyHandlers.ofLines()));
      var reader = new Thread(events::read, "rekindle-bench-events");
      reader.setDaemon(true);
      reader.start();
      return events;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchmarkException(BenchmarkException.Cause.INTERRUPTED, "interrupted");
    }
  }

  private void read() {
    try (var lines = response.body()) {
      lines
          .filter(line -> line.startsWith(DATA))
          .forEach(line -> note(line.substring(DATA.length())));
    } catch (UncheckedIOException e) {
      // The service ended.
    }
  }

  private void note(String json) {
    try {
      var event = Json.mapper().readTree(json);
      String type = event.path("type").asText();
      String snapshot = event.path("snapshot").asText();
      if (type.equals("failure")) {
        failures.put(snapshot, event.path("message").asText());
      } else {
        nanos.putIfAbsent(type + " " + snapshot, System.nanoTime());
      }
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an event is no JSON: " + json, e);
    }
  }

  /**
   * Waits for an event about a snapshot.
   *
   * @return when it came, by {@link System#nanoTime()}
   * @throws BenchmarkException if it does not come in time
   */
  public long await(String type, String snapshot, Duration patience) {
    String key = type + " " + snapshot;
    try {
      Waiting.until("the event '" + key + "'", patience, () -> nanos.containsKey(key));
    } catch (BenchmarkException e) {
      String failure = failures.get(snapshot);
      throw failure == null
          ? e
          : new BenchmarkException(e.kind(), e.getMessage() + "; it failed: " + failure);
    }
    return Optional.ofNullable(nanos.get(key)).orElseThrow();
  }

  @Override
  public void close() {
    response.body().close();
  }
}
