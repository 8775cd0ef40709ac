package dev.rekindle.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.api.Headers;
import dev.rekindle.api.Json;
import dev.rekindle.api.ProblemCode;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;

/** Calls below the typed client: as any program would make them, right or wrong. */
public final class HttpCalls {
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final URI service;

  public HttpCalls(URI service) {
    this.service = service;
  }

  /** Sends a body, if there is one, with headers given as name, value, name, value. */
  HttpResponse<byte[]> send(String method, String path, byte[] body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(service + path))
            .method(
                method,
                body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return CLIENT.send(request.build(), BodyHandlers.ofByteArray());
  }

  public HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
    return send("GET", path, new byte[0]);
  }

  HttpResponse<byte[]> json(String method, String path, String body)
      throws IOException, InterruptedException {
    return send(method, path, Sample.event(body), "Content-Type", "application/json");
  }

  /** A connection on which a test says what it likes. */
  public Socket connect() throws IOException {
    Socket socket = new Socket(service.getHost(), service.getPort());
    socket.setSoTimeout(60_000);
    return socket;
  }

  /** Writes raw bytes and reads until the service closes the connection. */
  public String raw(String bytes) throws IOException {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Checks that a reply is a whole problem document of that code, and returns it. */
  static JsonNode assertProblem(HttpResponse<byte[]> reply, ProblemCode code) throws IOException {
    String body = new String(reply.body(), StandardCharsets.UTF_8);
    assertThat(reply.statusCode()).as(body).isEqualTo(code.status());
    assertThat(reply.headers().firstValue("Content-Type"))
        .as(body)
        .hasValue("application/problem+json");
    JsonNode problem = Json.mapper().readTree(reply.body());
    assertThat(problem.path("code").asText()).as(body).isEqualTo(code.wire());
    assertThat(problem.path("type").asText()).isEqualTo(code.type());
    assertThat(problem.path("status").asInt()).isEqualTo(code.status());
    assertThat(problem.path("title").asText()).isEqualTo(code.title());
    assertThat(problem.path("detail").asText()).isNotBlank();
    assertThat(problem.path("next").asText()).isNotBlank();
    assertThat(problem.path("requestId").asText())
        .isEqualTo(reply.headers().firstValue(Headers.REQUEST_ID).orElse("no header"));
    return problem;
  }
}
