package dev.rekindle.orchestrator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rekindle.api.AsyncState;
import dev.rekindle.api.Json;
import java.net.http.HttpResponse;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The service held against its own OpenAPI document. */
class ContractTest {
  private static final Set<String> exercised = new TreeSet<>();
  private static TestService service;
  private static Contract contract;

  @BeforeAll
  static void start() throws Exception {
    service = TestService.start();
    contract = new Contract(service.http().get("/openapi.yaml").body());
  }

  @AfterAll
  static void close() throws Exception {
    service.close();
  }

  /** Makes a call, and holds its reply against what the document says of that status. */
  private static JsonNode call(
      String operation, String id, int status, byte[] body, String... headers) throws Exception {
    exercised.add(operation);
    String[] parts = operation.split(" ");
    String path = parts[1].replace("{name}", id).replace("{id}", id).replace("{path}", "a/b");
    HttpResponse<byte[]> reply = service.http().send(parts[0], path, body, headers);
    String text = operation + ": " + new String(reply.body(), UTF_8);
    assertThat(reply.statusCode()).as(text).isEqualTo(status);
    JsonNode documented = contract.reply(operation, status);
    assertThat(documented.isMissingNode()).as(operation + " documents " + status).isFalse();
    for (Map.Entry<String, JsonNode> header : documented.path("headers").properties()) {
      if (header.getValue().path("required").asBoolean() || header.getKey().equals("Location")) {
        assertThat(reply.headers().firstValue(header.getKey())).as(text).isPresent();
      }
    }
    String type = reply.headers().firstValue("Content-Type").orElse("").replaceAll(";.*", "");
    JsonNode content = documented.path("content");
    if (content.isEmpty()) {
      return Json.mapper().missingNode();
    }
    assertThat(content.has(type)).as(text + " is " + type).isTrue();
    if (!type.equals("application/json")) {
      return Json.mapper().missingNode();
    }
    JsonNode value = Json.mapper().readTree(reply.body());
    assertThat(contract.violations(content.path(type).path("schema"), value)).as(text).isEmpty();
    return value;
  }

  private static JsonNode call(String operation, String id, int status) throws Exception {
    return call(operation, id, status, new byte[0]);
  }

  @Test
  void everyOperation_answersAsDocumented() throws Exception {
    assertThat(call("GET /v1/runtimes", "", 200).path("runtimes").findValuesAsText("name"))
        .contains("python3", "java", "java" + Runtime.version().feature(), "http");
    for (String path : Set.of("/healthz", "/readyz", "/metrics", "/openapi.yaml", "/v1/policies")) {
      call("GET " + path, "", 200);
    }
    byte[] deployment =
        Json.write(
            Map.of(
                "runtime", "python3",
                "handler", "app.handler",
                "environment", Map.of("A", "b"),
                "warmup", Map.of("rounds", 1, "events", new int[] {1}),
                "code", Map.of("zip", Base64.getEncoder().encodeToString(Sample.zip("app.py")))));
    String[] json = {"Content-Type", "application/json"};
    call("PUT /v1/functions/{name}", "doc", 201, deployment, json);
    call("PUT /v1/functions/{name}", "doc", 200, deployment, json);
    call("POST /v1/functions/{name}/invocations", "doc", 200, Sample.event("{}"), json);
    call("POST /v1/functions/{name}/invocations", "doc", 200, Sample.event("{'do':'fail'}"), json);
    call("POST /v1/functions/{name}/recordings", "doc", 200, Sample.event("{'requests':2}"), json);
    String made = call("POST /v1/functions/{name}/snapshots", "doc", 201).path("id").asText();
    service.awaitSnapshot("doc");
    service.evictAll("doc");
    service.invoke("doc", "{}"); // restored: so that all fields are there
    assertThat(call("GET /v1/functions/{name}/instances", "doc", 200).path("instances")).hasSize(1);
    assertThat(call("GET /v1/functions/{name}/snapshots", "doc", 200).path("snapshots"))
        .isNotEmpty();
    assertThat(call("GET /v1/functions", "", 200).path("functions")).hasSize(1);
    call("GET /v1/functions/{name}", "doc", 200);
    call("GET /v1/functions/{name}/logs", "doc", 200);
    call("GET /v1/snapshots/{id}", made, 200);
    JsonNode policy = call("GET /v1/functions/{name}/policy", "doc", 200);
    ((ObjectNode) policy).putObject("shadow").put("name", "adaptive");
    call("PUT /v1/functions/{name}/policy", "doc", 200, Json.write(policy), json);
    service.invoke("doc", "{}");
    assertThat(call("GET /v1/functions/{name}/policy/beliefs", "doc", 200).at("/shadow/gain"))
        .isNotEmpty();
    submitAndAwait("{'n':1}");
    submitAndAwait("{'do':'fail'}");
    try (EventStream events = new EventStream(service)) {
      exercised.add("GET /v1/events");
      call("DELETE /v1/functions/{name}/instances", "doc", 200);
      events.await(dev.rekindle.api.EventType.EVICTION, "doc");
      JsonNode schema =
          contract
              .reply("GET /v1/events", 200)
              .path("content")
              .path("text/event-stream")
              .path("schema");
      for (String line : events.lines()) {
        if (line.startsWith("data: ")) {
          JsonNode record = Json.mapper().readTree(line.substring(6));
          assertThat(contract.violations(schema, record)).as(line).isEmpty();
        }
      }
    }
    call("DELETE /v1/snapshots/{id}", made, 204);
    call("DELETE /v1/functions/{name}", "doc", 204);
    HttpFunctions.deployEdges(service, "web", f -> {});
    call("GET /function/{name}/{path}", "web", 200);
    assertThat(exercised).isEqualTo(contract.operations());
  }

  private static void submitAndAwait(String event) throws Exception {
    JsonNode accepted =
        call(
            "POST /v1/functions/{name}/invocations",
            "doc",
            202,
            Sample.event(event),
            "Prefer",
            "respond-async");
    String id = accepted.path("id").asText();
    Await.until(
        "the invocation is over", () -> service.client().invocation(id).state() == AsyncState.DONE);
    call("GET /v1/invocations/{id}", id, 200);
  }

  @Test
  void problem_keepsToItsSchema() throws Exception {
    HttpResponse<byte[]> reply = service.http().get("/v1/functions/none");
    JsonNode schema =
        contract
            .reply("GET /v1/functions/{name}", 404)
            .path("content")
            .path("application/problem+json")
            .path("schema");
    assertThat(contract.violations(schema, Json.mapper().readTree(reply.body()))).isEmpty();
  }
}
