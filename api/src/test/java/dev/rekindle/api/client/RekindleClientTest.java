package dev.rekindle.api.client;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.rekindle.api.Eviction;
import dev.rekindle.api.FunctionFailure;
import dev.rekindle.api.FunctionList;
import dev.rekindle.api.FunctionSettings;
import dev.rekindle.api.Headers;
import dev.rekindle.api.InstanceList;
import dev.rekindle.api.InvalidFieldException;
import dev.rekindle.api.Json;
import dev.rekindle.api.OpenApiDocument;
import dev.rekindle.api.Phase;
import dev.rekindle.api.PolicyChoice;
import dev.rekindle.api.PolicyList;
import dev.rekindle.api.Problem;
import dev.rekindle.api.ProblemCode;
import dev.rekindle.api.Readiness;
import dev.rekindle.api.RecordingRequest;
import dev.rekindle.api.RecordingText;
import dev.rekindle.api.RestoreMode;
import dev.rekindle.api.SnapshotList;
import dev.rekindle.api.StartKind;
import dev.rekindle.api.WireSamples;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What the client sends and how it reads replies, against a server that answers as it is told. It
 * meets the real service in the service's own tests.
 */
class RekindleClientTest {
  /** The calls that a program has no use for. */
  private static final Set<String> WITHOUT_METHOD =
      Set.of(
          "GET /healthz",
          "GET /metrics",
          "GET /openapi.yaml",
          "GET /v1/events",
          "GET /function/{name}/{path}");

  /** A request; the body has one character for each byte, so that a zip survives. */
  private record Received(String method, String path, Map<String, String> headers, String body) {}

  private final Map<String, String> headers = new LinkedHashMap<>();
  private int status = 200;
  private byte[] body = new byte[0];
  private volatile Received received = new Received("", "", Map.of(), "");
  private HttpServer server;
  private RekindleClient client;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
    client = new RekindleClient(address());
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void calls_all_areInTheDocument() throws Exception {
    OpenApiDocument document = OpenApiDocument.load();
    Set<String> called = new TreeSet<>(WITHOUT_METHOD);
    Map<Runnable, Object> calls = new LinkedHashMap<>();
    calls.put(() -> client.functions(), new FunctionList(List.of(WireSamples.FUNCTION)));
    calls.put(() -> client.runtimes(), WireSamples.RUNTIMES);
    calls.put(() -> client.function("f"), WireSamples.FUNCTION);
    calls.put(() -> client.deploy("f", WireSamples.SETTINGS, new byte[0]), WireSamples.FUNCTION);
    calls.put(() -> client.delete("f"), "");
    calls.put(() -> client.submit("f", new byte[0]), WireSamples.ASYNC);
    calls.put(() -> client.invocation("r-1"), WireSamples.ASYNC);
    calls.put(() -> client.instances("f"), new InstanceList(List.of(WireSamples.INSTANCE)));
    calls.put(() -> client.evict("f"), new Eviction(2));
    calls.put(() -> client.snapshots("f"), new SnapshotList(List.of(WireSamples.SNAPSHOT)));
    calls.put(() -> client.checkpoint("f"), WireSamples.SNAPSHOT);
    calls.put(() -> client.snapshot("s-1"), WireSamples.SNAPSHOT);
    calls.put(() -> client.deleteSnapshot("s-1"), "");
    calls.put(() -> client.policy("f"), WireSamples.SETTINGS.policy());
    calls.put(
        () -> client.putPolicy("f", WireSamples.SETTINGS.policy()), WireSamples.SETTINGS.policy());
    calls.put(() -> client.beliefs("f"), WireSamples.BELIEFS);
    calls.put(() -> client.policies(), new PolicyList(List.of(WireSamples.POLICY)));
    calls.put(() -> client.logs("f", 5), "");
    calls.put(() -> client.ready(), new Readiness(true, List.of()));
    byte[] recorded = (RecordingText.HEADER + "\n" + RecordingText.end(0)).getBytes(UTF_8);
    calls.put(() -> client.record("f", new RecordingRequest(1, null), rows -> {}), recorded);

    calls.forEach(
        (call, reply) -> {
          body = reply instanceof byte[] bytes ? bytes : Json.write(reply);
          call.run();
          called.add(document.operationOf(received.method(), received.path()));
        });

    assertThat(called).isEqualTo(document.operations());
  }

  @Test
  void replies_ofEveryKind_areRead() {
    assertThat(answered(new FunctionList(List.of(WireSamples.FUNCTION))).functions())
        .containsExactly(WireSamples.FUNCTION);
    assertThat(answered(new Eviction(2)).evict("f")).isEqualTo(2);
    assertThat(answered(WireSamples.SNAPSHOT).checkpoint("f")).isEqualTo(WireSamples.SNAPSHOT);
    assertThat(answered(WireSamples.ASYNC).submit("f", new byte[0])).isEqualTo(WireSamples.ASYNC);
    assertThat(received.headers()).containsEntry("Prefer", "respond-async");
    body = "zwölf\n".getBytes(UTF_8);
    assertThat(client.logs("f", 12)).isEqualTo("zwölf\n");
    status = 503;
    Readiness unready = new Readiness(false, List.of("CRIU is missing."));
    assertThat(answered(unready).ready()).isEqualTo(unready);
  }

  @Test
  void putPolicy_aChoice_isSentAsJson() {
    answered(WireSamples.SETTINGS.policy()).putPolicy("f", WireSamples.SETTINGS.policy());

    assertThat(PolicyChoice.parse(received.body().getBytes(ISO_8859_1)))
        .isEqualTo(WireSamples.SETTINGS.policy());
    assertThat(received.headers()).containsEntry("Content-type", "application/json");
  }

  @Test
  void deploy_settingsAndZip_areTwoPartsOfAForm() {
    byte[] zip = {'P', 'K', 0, -1, '\r', '\n', '-', '-'};

    answered(WireSamples.FUNCTION).deploy("f", WireSamples.SETTINGS, zip);

    String type = received.headers().getOrDefault("Content-type", "");
    assertThat(type).startsWith("multipart/form-data; boundary=");
    String boundary = type.substring(type.indexOf('=') + 1);
    String[] parts = received.body().split("(?<=\r\n|^)--" + boundary, -1);
    assertThat(parts).hasSize(4);
    assertThat(parts[0]).isEmpty();
    assertThat(parts[1])
        .startsWith("\r\nContent-Disposition: form-data; name=\"settings\";")
        .contains("\r\nContent-Type: application/json\r\n\r\n");
    byte[] settings =
        parts[1]
            .substring(parts[1].indexOf("\r\n\r\n") + 4, parts[1].length() - 2)
            .getBytes(ISO_8859_1);
    assertThat(FunctionSettings.parse(settings)).isEqualTo(WireSamples.SETTINGS);
    assertThat(parts[2])
        .startsWith("\r\nContent-Disposition: form-data; name=\"code\";")
        .endsWith("\r\n\r\n" + new String(zip, ISO_8859_1) + "\r\n");
    assertThat(parts[3]).isEqualTo("--\r\n");
  }

  @Test
  void invoke_reply_hasAllHeaders() {
    headers.put(Headers.START, "restored");
    headers.put(Headers.REQUEST_ID, "r-1");
    headers.put(Headers.INSTANCE, "i-1");
    headers.put(Headers.SNAPSHOT, "s-1");
    headers.put(Headers.RESTORE_MODE, "mapped");
    headers.put(Headers.SERVER_TIMING, "queue;dur=0.1, restore;dur=8.5, total;dur=10");
    body = "{\"a\":1}".getBytes(UTF_8);

    InvocationReply reply = client.invoke("f", "{\"e\":2}".getBytes(UTF_8));

    assertThat(received.body()).isEqualTo("{\"e\":2}");
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.body()).isEqualTo(body);
    assertThat(reply.start()).isEqualTo(StartKind.RESTORED);
    assertThat(reply.requestId()).isEqualTo("r-1");
    assertThat(reply.instance()).isEqualTo("i-1");
    assertThat(reply.snapshot()).isEqualTo("s-1");
    assertThat(reply.restoreMode()).isEqualTo(RestoreMode.MAPPED);
    assertThat(reply.timing().of(Phase.RESTORE)).hasValue(8.5);
    assertThat(reply.functionError()).isNull();
    assertThat(reply.failure()).isEmpty();
  }

  @Test
  void invoke_functionFails_isAReply() {
    cold();
    headers.put(Headers.FUNCTION_ERROR, Headers.UNHANDLED);
    FunctionFailure failure = new FunctionFailure("no", "ValueError", List.of());

    InvocationReply reply = answered(failure).invokeAsync("f", new byte[0]).join();

    assertThat(reply.start()).isEqualTo(StartKind.COLD);
    assertThat(reply.snapshot()).isNull();
    assertThat(reply.restoreMode()).isNull();
    assertThat(reply.functionError()).isEqualTo("Unhandled");
    assertThat(reply.failure()).contains(failure);
  }

  @Test
  void call_problem_isThrown() {
    problem(Problem.of(ProblemCode.UNKNOWN_FUNCTION, "No function is named f.", "r-9"));

    ApiException e = catchThrowableOfType(ApiException.class, () -> client.function("f"));

    assertThat(e.reason()).isEqualTo(ApiException.Reason.PROBLEM);
    assertThat(e.problem().orElseThrow().requestId()).isEqualTo("r-9");
    assertThat(e.is(ProblemCode.UNKNOWN_FUNCTION)).isTrue();
    assertThat(e.is(ProblemCode.INTERNAL)).isFalse();
    assertThat(e).hasMessageContaining("No function is named f.");
  }

  @Test
  void call_problemOfANewerService_isThrown() {
    problem(new Problem("urn:x", "New", 418, "It is new.", "teapot", null, "Wait.", null));

    ApiException e = catchThrowableOfType(ApiException.class, () -> client.delete("f"));

    assertThat(e.problem().orElseThrow().code()).isEqualTo("teapot");
    assertThat(e.problem().orElseThrow().knownCode()).isEmpty();
  }

  @Test
  void invokeAsync_problem_failsTheFuture() {
    problem(Problem.of(ProblemCode.QUEUE_TIMEOUT, "All are busy.", "r-9"));

    assertThatThrownBy(() -> client.invokeAsync("f", new byte[0]).join())
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(
            ApiException.class, e -> assertThat(e.is(ProblemCode.QUEUE_TIMEOUT)).isTrue());
  }

  @Test
  void call_errorOfSomethingElse_isUnreadable() {
    status = 502;
    body = "<h1>Bad gateway</h1>".getBytes(UTF_8);

    ApiException e = catchThrowableOfType(ApiException.class, () -> client.functions());

    assertThat(e.reason()).isEqualTo(ApiException.Reason.UNREADABLE_REPLY);
    assertThat(e.problem()).isEmpty();
    assertThat(e).hasMessageContaining("502").hasMessageContaining("Bad gateway");
  }

  @Test
  void call_successOfSomethingElse_isUnreadable() {
    for (String other : new String[] {"", "null", "[]", "{}", "<html>"}) {
      body = other.getBytes(UTF_8);
      assertThat(catchThrowableOfType(ApiException.class, () -> client.functions()).reason())
          .as(other)
          .isEqualTo(ApiException.Reason.UNREADABLE_REPLY);
    }
    assertThat(
            catchThrowableOfType(ApiException.class, () -> client.invoke("f", new byte[0]))
                .reason())
        .isEqualTo(ApiException.Reason.UNREADABLE_REPLY);
  }

  @Test
  void call_nothingListens_isUnreachable() throws Exception {
    URI nobody;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = URI.create("http://127.0.0.1:" + socket.getLocalPort());
    }
    RekindleClient lost = new RekindleClient(nobody);

    assertThat(catchThrowableOfType(ApiException.class, lost::functions).reason())
        .isEqualTo(ApiException.Reason.UNREACHABLE);
    assertThatThrownBy(() -> lost.invokeAsync("f", new byte[0]).join())
        .cause()
        .isInstanceOfSatisfying(
            ApiException.class,
            e -> assertThat(e.reason()).isEqualTo(ApiException.Reason.UNREACHABLE));
  }

  @Test
  void call_noReplyInTime_isATimeout() {
    CountDownLatch over = new CountDownLatch(1);
    server.createContext(
        "/v1/policies",
        exchange -> {
          try {
            over.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          exchange.close();
        });
    RekindleClient hasty = new RekindleClient(address(), Duration.ofMillis(100));
    try {
      assertThat(catchThrowableOfType(ApiException.class, hasty::policies).reason())
          .isEqualTo(ApiException.Reason.TIMEOUT);
    } finally {
      over.countDown();
    }
  }

  @Test
  void call_interruptedThread_staysInterrupted() {
    Thread.currentThread().interrupt();

    ApiException e = catchThrowableOfType(ApiException.class, () -> client.functions());

    assertThat(Thread.interrupted()).isTrue();
    assertThat(e.reason()).isEqualTo(ApiException.Reason.INTERRUPTED);
  }

  @Test
  void call_nameThatIsNone_isNotSent() {
    assertThatThrownBy(() -> client.delete("../snapshots/s-1"))
        .isInstanceOf(InvalidFieldException.class);
    assertThat(received.method()).isEmpty();
  }

  @Test
  void call_idWithASlash_isEscaped() {
    answered(WireSamples.SNAPSHOT).snapshot("a/b c");

    assertThat(received.path()).isEqualTo("/v1/snapshots/a%2Fb%20c");
  }

  private void cold() {
    headers.put(Headers.START, "cold");
    headers.put(Headers.REQUEST_ID, "r-1");
    headers.put(Headers.INSTANCE, "i-1");
  }

  private void problem(Problem problem) {
    status = problem.status();
    headers.put("Content-Type", Problem.MEDIA_TYPE);
    body = Json.write(problem);
  }

  /** The client, once the server is set to answer with this record. */
  private RekindleClient answered(Object reply) {
    body = Json.write(reply);
    return client;
  }

  private URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
  }

  private void answer(HttpExchange exchange) throws IOException {
    Map<String, String> sent = new LinkedHashMap<>();
    exchange.getRequestHeaders().forEach((name, values) -> sent.put(name, values.get(0)));
    received =
        new Received(
            exchange.getRequestMethod(),
            exchange.getRequestURI().getRawPath(),
            sent,
            new String(exchange.getRequestBody().readAllBytes(), ISO_8859_1));
    headers.forEach(exchange.getResponseHeaders()::set);
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }
}
