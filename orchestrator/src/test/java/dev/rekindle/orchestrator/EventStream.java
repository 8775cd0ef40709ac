package dev.rekindle.orchestrator;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.rekindle.api.EventRecord;
import dev.rekindle.api.EventType;
import dev.rekindle.api.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;

/** Listens to the service's events, as a browser's EventSource would. */
public final class EventStream implements AutoCloseable {
  private final ConcurrentLinkedQueue<String> lines = new ConcurrentLinkedQueue<>();
  private final HttpResponse<Stream<String>> response;
  private final CompletableFuture<Void> reading;

  /** Connects; every later event will be seen. */
  public EventStream(TestService service, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(service.url() + "/v1/events"))
            .header("Accept", "text/event-stream");
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    response =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .build()
            .send(request.build(), BodyHandlers.ofLines());
    reading = CompletableFuture.runAsync(() -> response.body().forEach(lines::add));
    Await.until("the stream has begun", () -> !lines.isEmpty());
  }

  HttpResponse<Stream<String>> response() {
    return response;
  }

  List<String> lines() {
    return List.copyOf(lines);
  }

  /** The records so far. */
  public List<EventRecord> records() {
    return lines.stream()
        .filter(line -> line.startsWith("data: "))
        .map(line -> record(line.substring(6)))
        .toList();
  }

  private static EventRecord record(String json) {
    try {
      return Json.mapper().readValue(json, EventRecord.class);
    } catch (JsonProcessingException e) {
      throw new AssertionError("no event record: " + json, e);
    }
  }

  /** Waits for the first event of a type about a function. */
  EventRecord await(EventType type, String function) throws Exception {
    return Await.value(
            type + " of " + function,
            () ->
                records().stream()
                    .filter(e -> e.type() == type && e.function().equals(function))
                    .findFirst(),
            java.util.Optional::isPresent)
        .orElseThrow();
  }

  @Override
  public void close() throws IOException {
    response.body().close();
    reading.cancel(true);
  }
}
