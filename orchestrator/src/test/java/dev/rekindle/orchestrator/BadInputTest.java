package dev.rekindle.orchestrator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.api.FunctionDescription;
import dev.rekindle.api.ProblemCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the service refuses: each with a problem that says why, and with nothing left behind. */
class BadInputTest {
  private static final byte[] NONE = {};
  private static TestService service;

  @BeforeAll
  static void start() throws Exception {
    service =
        TestService.start(
            Map.of(
                "maxEventBytes", 100_000, "maxCodeBytes", 300_000, "maxUnpackedBytes", 1_000_000));
    service.deploy("fine", Sample.cold());
    service.invoke("fine", "{}");
  }

  @AfterAll
  static void close() throws Exception {
    service.close();
  }

  /** Whatever was sent, the one good function serves on and nothing else has come to be. */
  @AfterEach
  void assertUnharmed() throws Exception {
    assertThat(service.ask("fine", "{'n':1}").path("echo").path("n").asInt()).isEqualTo(1);
    List<String> names =
        service.client().functions().stream().map(FunctionDescription::name).toList();
    if (names.contains("new")) {
      service.client().delete("new"); // so that one failure does not look like many
    }
    assertThat(names).containsExactly("fine");
    assertThat(children("functions")).containsExactly("fine");
  }

  private static List<String> children(String directory) throws IOException {
    try (Stream<Path> all = Files.list(service.dataDir().resolve(directory))) {
      return all.map(path -> path.getFileName().toString()).toList();
    }
  }

  private static HttpResponse<byte[]> deploy(byte[] zip, Map<String, Object> changes)
      throws Exception {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("runtime", "python3");
    body.put("handler", "app.handler");
    body.put("code", Map.of("zip", Base64.getEncoder().encodeToString(zip)));
    body.putAll(changes);
    byte[] json = dev.rekindle.api.Json.write(body);
    return service
        .http()
        .send("PUT", "/v1/functions/new", json, "Content-Type", "application/json");
  }

  private static JsonNode refused(byte[] zip, ProblemCode code) throws Exception {
    return HttpCalls.assertProblem(deploy(zip, Map.of()), code);
  }

  private static byte[] entry(String name, int unixMode, byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipArchiveOutputStream zip = new ZipArchiveOutputStream(bytes)) {
      ZipArchiveEntry good = new ZipArchiveEntry("app.py");
      zip.putArchiveEntry(good);
      zip.write("def handler(e, c): pass".getBytes(UTF_8));
      zip.closeArchiveEntry();
      ZipArchiveEntry bad = new ZipArchiveEntry(name);
      if (unixMode != 0) {
        bad.setUnixMode(unixMode);
      }
      zip.putArchiveEntry(bad);
      zip.write(content);
      zip.closeArchiveEntry();
    }
    return bytes.toByteArray();
  }

  @Test
  void deploy_codeIsNoZip_isRefused() throws Exception {
    refused("this is no zip".getBytes(UTF_8), ProblemCode.CODE_NOT_ZIP);
    refused(NONE, ProblemCode.CODE_NOT_ZIP);
    refused(Sample.zipOf(Map.of()), ProblemCode.CODE_NOT_ZIP);
    byte[] whole = Sample.zip("app.py");
    refused(Arrays.copyOf(whole, whole.length / 2), ProblemCode.CODE_NOT_ZIP);
  }

  @Test
  void deploy_zipIsDamaged_isRefusedOrServed() throws Exception {
    Random random = new Random(7);
    byte[] whole = Sample.zip("app.py");
    for (int i = 0; i < 60; i++) {
      byte[] damaged = whole.clone();
      for (int n = 0; n < 3; n++) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      HttpResponse<byte[]> reply = deploy(damaged, Map.of());
      if (reply.statusCode() == 201) {
        service.client().delete("new"); // the damage was where it does no harm
      } else {
        String body = new String(reply.body(), UTF_8);
        assertThat(reply.statusCode()).as(body).isBetween(400, 413);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"../evil.py", "a/../../evil.py", "/etc/evil.py", "..", "a\\..\\..\\evil.py"})
  void deploy_zipClimbsOut_isRefused(String name) throws Exception {
    JsonNode problem = refused(entry(name, 0, "x".getBytes(UTF_8)), ProblemCode.CODE_UNSAFE_PATH);
    assertThat(problem.path("detail").asText()).contains(name.replace('\\', '/'));
    try (Stream<Path> all = Files.walk(service.dataDir())) {
      assertThat(all).noneMatch(path -> path.toString().contains("evil"));
    }
  }

  @Test
  void deploy_zipHoldsALink_isRefused() throws Exception {
    refused(entry("link", 0120777, "/etc/passwd".getBytes(UTF_8)), ProblemCode.CODE_UNSAFE_PATH);
  }

  @Test
  void deploy_zipHoldsAFileThatIsADirectoryToo_isRefused() throws Exception {
    refused(entry("app.py/inner.py", 0, NONE), ProblemCode.CODE_UNSAFE_PATH);
  }

  @Test
  void deploy_zipHoldsNamesThatAreTooLong_isRefused() throws Exception {
    refused(entry("n".repeat(256), 0, NONE), ProblemCode.CODE_UNSAFE_PATH);
    refused(entry("d/".repeat(2_000) + "f", 0, NONE), ProblemCode.CODE_UNSAFE_PATH);
  }

  @Test
  void deploy_zipUnpacksTooLarge_isRefused() throws Exception {
    byte[] bomb = Sample.zipOf(Map.of("app.py", new byte[1_000_001]));
    assertThat(bomb.length).isLessThan(10_000);
    refused(bomb, ProblemCode.CODE_TOO_LARGE);
  }

  @Test
  void deploy_zipIsTooLarge_isRefusedInBothForms() throws Exception {
    byte[] noise = new byte[310_000];
    new Random(1).nextBytes(noise);
    byte[] zip = Sample.zipOf(Map.of("app.py", noise));
    refused(zip, ProblemCode.CODE_TOO_LARGE);
    HttpResponse<byte[]> form = multipart(zip, "{'runtime':'python3','handler':'app.handler'}");
    HttpCalls.assertProblem(form, ProblemCode.CODE_TOO_LARGE);
  }

  @Test
  void deploy_bodyIsTooLarge_isRefused() throws Exception {
    HttpResponse<byte[]> reply = deploy(new byte[4_000_000], Map.of());
    HttpCalls.assertProblem(reply, ProblemCode.BODY_TOO_LARGE);
  }

  private static String lines(String... lines) {
    return String.join("\r\n", lines);
  }

  private static HttpResponse<byte[]> multipart(byte[] zip, String settings) throws Exception {
    ByteArrayOutputStream form = new ByteArrayOutputStream();
    form.write(
        lines(
                "--edge",
                "Content-Disposition: form-data; name=\"settings\"",
                "Content-Type: application/json",
                "",
                "")
            .getBytes(UTF_8));
    form.write(Sample.event(settings));
    form.write(
        lines(
                "",
                "--edge",
                "Content-Disposition: form-data; name=\"code\"; filename=\"code.zip\"",
                "Content-Type: application/zip",
                "",
                "")
            .getBytes(UTF_8));
    form.write(zip);
    form.write("\r\n--edge--\r\n".getBytes(UTF_8));
    return service
        .http()
        .send(
            "PUT",
            "/v1/functions/new",
            form.toByteArray(),
            "Content-Type",
            "multipart/form-data; boundary=edge");
  }

  @Test
  void deploy_settingsOfAForm_mayBeLarge() throws Exception {
    String settings =
        "{'runtime':'python3','handler':'app.handler','warmup':{'rounds':1,'events':['%s']}}"
            .formatted("w".repeat(50_000));
    HttpResponse<byte[]> reply = multipart(Sample.zip("app.py"), settings);
    assertThat(reply.statusCode()).as(new String(reply.body(), UTF_8)).isEqualTo(201);
    service.client().delete("new");
  }

  @Test
  void deploy_unknownNames_areRefused() throws Exception {
    byte[] zip = Sample.zip("app.py");
    JsonNode runtime =
        HttpCalls.assertProblem(
            deploy(zip, Map.of("runtime", "cobol")), ProblemCode.UNKNOWN_RUNTIME);
    assertThat(runtime.path("detail").asText()).contains("cobol").contains("python3");
    for (String handler : List.of("app", "", ".", "app.", ".handler", "../app.handler", "a b.c")) {
      JsonNode problem =
          HttpCalls.assertProblem(
              deploy(zip, Map.of("handler", handler)), ProblemCode.INVALID_FIELD);
      assertThat(problem.path("field").asText()).as(handler).isEqualTo("handler");
    }
    HttpResponse<byte[]> policy = deploy(zip, Map.of("policy", Map.of("name", "after-frist")));
    assertThat(policy.statusCode()).isEqualTo(400);
    assertThat(new String(policy.body(), UTF_8)).contains("after-first");
  }

  @Test
  void deploy_fieldIsWrong_namesTheField() throws Exception {
    byte[] zip = Sample.zip("app.py");
    Map<String, Object> wrong = new LinkedHashMap<>();
    wrong.put("memoryMb", 1);
    wrong.put("timeoutMs", "soon");
    wrong.put("environment", Map.of("REKINDLE_SOCKET", "x"));
    wrong.put("maxInstances", 0);
    wrong.put("idleSeconds", -1);
    wrong.put("restoreMode", "eagre");
    wrong.put("memoryMB", 128);
    for (Map.Entry<String, Object> field : wrong.entrySet()) {
      HttpResponse<byte[]> reply = deploy(zip, Map.of(field.getKey(), field.getValue()));
      JsonNode problem = HttpCalls.assertProblem(reply, ProblemCode.INVALID_FIELD);
      assertThat(problem.path("field").asText()).startsWith(field.getKey());
    }
  }

  @Test
  void deploy_wrongForm_isRefused() throws Exception {
    HttpCalls http = service.http();
    String path = "/v1/functions/new";
    HttpCalls.assertProblem(http.json("PUT", path, "{"), ProblemCode.INVALID_REQUEST);
    HttpCalls.assertProblem(http.json("PUT", path, ""), ProblemCode.INVALID_REQUEST);
    HttpCalls.assertProblem(http.json("PUT", path, "[]"), ProblemCode.INVALID_REQUEST);
    HttpCalls.assertProblem(
        http.send("PUT", path, NONE, "Content-Type", "text/plain"),
        ProblemCode.UNSUPPORTED_MEDIA_TYPE);
    HttpCalls.assertProblem(http.send("PUT", path, NONE), ProblemCode.UNSUPPORTED_MEDIA_TYPE);
    HttpCalls.assertProblem(
        multipart(Sample.zip("app.py"), "{'runtime':'python3'}"), ProblemCode.INVALID_FIELD);
    HttpResponse<byte[]> empty =
        http.send(
            "PUT",
            path,
            "--e--\r\n".getBytes(UTF_8),
            "Content-Type",
            "multipart/form-data; boundary=e");
    HttpCalls.assertProblem(empty, ProblemCode.INVALID_FIELD);
    HttpResponse<byte[]> edgeless =
        http.send("PUT", path, "x".getBytes(UTF_8), "Content-Type", "multipart/form-data");
    assertThat(edgeless.statusCode()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-a", "_a", "a.b", "a%20b", "%C3%A9", "a%00b", "%2e%2e", "a%2Fb", "a;b"})
  void deploy_nameHasOddCharacters_isRefused(String name) throws Exception {
    HttpResponse<byte[]> reply =
        service.http().json("PUT", "/v1/functions/" + name, "{'runtime':'python3'}");
    assertThat(reply.statusCode()).as(new String(reply.body(), UTF_8)).isIn(400, 404);
    assertThat(reply.headers().firstValue("Content-Type")).hasValue("application/problem+json");
  }

  @Test
  void deploy_nameIsTooLong_isRefused() throws Exception {
    HttpResponse<byte[]> reply =
        service.http().json("PUT", "/v1/functions/" + "a".repeat(64), "{}");
    HttpCalls.assertProblem(reply, ProblemCode.INVALID_FIELD);
  }

  @Test
  void deploy_pathIsMalformed_isRefused() throws Exception {
    String reply =
        service
            .http()
            .raw("GET /v1/functions/a%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assertThat(reply).startsWith("HTTP/1.1 400 ").contains("application/problem+json");
  }

  @Test
  void anyCall_unknownFunction_isRefused() throws Exception {
    for (String call :
        List.of(
            "GET /v1/functions/none",
            "DELETE /v1/functions/none",
            "POST /v1/functions/none/invocations",
            "GET /v1/functions/none/instances",
            "DELETE /v1/functions/none/instances",
            "GET /v1/functions/none/logs",
            "GET /v1/functions/none/snapshots",
            "POST /v1/functions/none/snapshots",
            "GET /v1/functions/none/policy",
            "PUT /v1/functions/none/policy")) {
      String[] parts = call.split(" ");
      HttpResponse<byte[]> reply = service.http().json(parts[0], parts[1], "{'name':'cold'}");
      HttpCalls.assertProblem(reply, ProblemCode.UNKNOWN_FUNCTION);
    }
    HttpCalls.assertProblem(service.http().get("/v1/snapshots/none"), ProblemCode.UNKNOWN_SNAPSHOT);
    HttpCalls.assertProblem(
        service.http().send("DELETE", "/v1/snapshots/none", NONE), ProblemCode.UNKNOWN_SNAPSHOT);
    HttpCalls.assertProblem(
        service.http().get("/v1/invocations/none"), ProblemCode.UNKNOWN_INVOCATION);
  }

  @Test
  void policy_isWrong_isRefused() throws Exception {
    String path = "/v1/functions/fine/policy";
    HttpCalls http = service.http();
    for (String body :
        List.of(
            "{'name':'none'}", "{}", "{'name':'cold','parameters':{'x':1}}", "{'nmae':'cold'}")) {
      HttpResponse<byte[]> reply = http.json("PUT", path, body);
      HttpCalls.assertProblem(reply, ProblemCode.INVALID_FIELD);
    }
    HttpCalls.assertProblem(http.json("PUT", path, "nonsense"), ProblemCode.INVALID_REQUEST);
    assertThat(service.client().policy("fine").name()).isEqualTo("cold");
  }

  @Test
  void logs_tailIsNoNumber_isRefused() throws Exception {
    for (String tail : List.of("x", "0", "-1", "99999999999", "")) {
      HttpResponse<byte[]> reply = service.http().get("/v1/functions/fine/logs?tail=" + tail);
      HttpCalls.assertProblem(reply, ProblemCode.INVALID_FIELD);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "nonsense", "{'a':1}{", "{'a':1} {'b':2}", "[1,]", "\u0000"})
  void invoke_eventIsNoJson_isRefused(String event) throws Exception {
    HttpResponse<byte[]> reply =
        service.http().json("POST", "/v1/functions/fine/invocations", event);
    HttpCalls.assertProblem(reply, ProblemCode.INVALID_REQUEST);
  }

  @Test
  void invoke_eventIsNestedDeeply_isRefusedOrServed() throws Exception {
    byte[] deep = "[".repeat(40_000).concat("]".repeat(40_000)).getBytes(UTF_8);
    HttpResponse<byte[]> reply =
        service.http().send("POST", "/v1/functions/fine/invocations", deep);
    HttpCalls.assertProblem(reply, ProblemCode.INVALID_REQUEST);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "   ", "null", "3", "'text'", "[]", "{'ü':'€𝄞'}"})
  void invoke_eventIsAnyJson_isServed(String event) throws Exception {
    HttpResponse<byte[]> reply =
        service.http().json("POST", "/v1/functions/fine/invocations", event);
    assertThat(reply.statusCode()).isEqualTo(200);
    String expected = event.isBlank() ? "{}" : event.replace('\'', '"');
    assertThat(dev.rekindle.api.Json.mapper().readTree(reply.body()).path("echo"))
        .isEqualTo(dev.rekindle.api.Json.mapper().readTree(expected));
  }

  /** An event is bytes: {@code curl -d} declares each one a form. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        "no media type"
      })
  void invoke_contentTypeIsAny_isServed(String type) throws Exception {
    for (String text : List.of("e".repeat(90_000), "50% of a=b&c;d+e", "%zz", "--x--")) {
      byte[] event = dev.rekindle.api.Json.write(Map.of("text", text));
      HttpResponse<byte[]> reply =
          service
              .http()
              .send("POST", "/v1/functions/fine/invocations", event, "Content-Type", type);
      assertThat(reply.statusCode()).as(new String(reply.body(), UTF_8)).isEqualTo(200);
      assertThat(dev.rekindle.api.Json.mapper().readTree(reply.body()).path("echo").path("text"))
          .hasToString('"' + text + '"');
    }
  }

  /** As {@code curl -d} sends it. */
  @Test
  void choosePolicy_bodyIsDeclaredAForm_isTaken() throws Exception {
    byte[] choice = ("{\"name\":\"cold\"" + " ".repeat(5_000) + "}").getBytes(UTF_8);
    HttpResponse<byte[]> reply =
        service
            .http()
            .send(
                "PUT",
                "/v1/functions/fine/policy",
                choice,
                "Content-Type",
                "application/x-www-form-urlencoded");
    assertThat(reply.statusCode()).as(new String(reply.body(), UTF_8)).isEqualTo(200);
  }

  @Test
  void deploy_bodyIsDeclaredAForm_isRefusedForItsType() throws Exception {
    HttpResponse<byte[]> reply =
        service
            .http()
            .send(
                "PUT",
                "/v1/functions/new",
                ("{\"a\":\"%" + " ".repeat(5_000) + "\"}").getBytes(UTF_8),
                "Content-Type",
                "application/x-www-form-urlencoded");
    HttpCalls.assertProblem(reply, ProblemCode.UNSUPPORTED_MEDIA_TYPE);
  }

  @Test
  void deploy_formFieldIsTooLarge_isRefusedWithTheLimit() throws Exception {
    String settings = "{'runtime':'" + "p".repeat(1 << 20) + "'}";
    JsonNode problem =
        HttpCalls.assertProblem(multipart(new byte[9], settings), ProblemCode.INVALID_REQUEST);
    assertThat(problem.path("detail").asText()).contains("1048576 bytes for a form's field");
  }

  @Test
  void invoke_eventIsTooLarge_isRefusedWithTheLimit() throws Exception {
    byte[] event = ("\"" + "e".repeat(100_001) + "\"").getBytes(UTF_8);
    JsonNode problem =
        HttpCalls.assertProblem(
            service.http().send("POST", "/v1/functions/fine/invocations", event),
            ProblemCode.BODY_TOO_LARGE);
    assertThat(problem.path("detail").asText()).contains("100000 bytes (maxEventBytes)");
  }

  /** As curl does for large bodies: it sends nothing before the service has agreed. */
  @Test
  void invoke_callerExpects100Continue_isToldToGoOn() throws Exception {
    String answer =
        service
            .http()
            .raw(
                lines(
                        "POST /v1/functions/fine/invocations HTTP/1.1",
                        "Host: x",
                        "Connection: close",
                        "Expect: 100-continue",
                        "Content-Length: 7",
                        "",
                        "")
                    + "{\"n\":1}");
    assertThat(answer).startsWith("HTTP/1.1 100 ").contains("HTTP/1.1 200 ");
  }

  @Test
  void invoke_chunkedEventIsTooLarge_isRefused() throws Exception {
    String chunk = "a".repeat(0x8000);
    StringBuilder request =
        new StringBuilder(
            lines(
                "POST /v1/functions/fine/invocations HTTP/1.1",
                "Host: x",
                "Connection: close",
                "Transfer-Encoding: chunked",
                "",
                ""));
    for (int i = 0; i < 4; i++) {
      request.append("8000\r\n").append(chunk).append("\r\n");
    }
    request.append("0\r\n\r\n");
    assertThat(service.http().raw(request.toString()))
        .startsWith("HTTP/1.1 413 ")
        .contains("body-too-large", "100000 bytes (maxEventBytes)");
  }

  @Test
  void anyCall_requestStopsHalfWay_leavesTheServiceWell() throws Exception {
    String head =
        "POST /v1/functions/fine/invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n";
    String upload =
        lines(
            "PUT /v1/functions/new HTTP/1.1",
            "Host: x",
            "Content-Length: 9000",
            "Content-Type: multipart/form-data; boundary=e",
            "",
            "--e",
            "Content-Disposition: form-data; name=\"code\"; filename=\"c\"",
            "",
            "some bytes");
    for (String part :
        List.of("", "PO", "POST /v1", head.substring(0, 60), head, head + "{\"a\":", upload)) {
      try (Socket socket = service.http().connect()) {
        socket.getOutputStream().write(part.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
      }
    }
    assertThat(service.ask("fine", "{'n':4}").path("echo").path("n").asInt()).isEqualTo(4);
  }

  @Test
  void invoke_callerLeaves_freesTheInstance() throws Exception {
    service.client().evict("fine");
    try (Socket socket = service.http().connect()) {
      socket
          .getOutputStream()
          .write(
              ("POST /v1/functions/fine/invocations HTTP/1.1\r\nHost: x\r\n"
                      + "Content-Length: 13\r\n\r\n{\"do\":\"gate\"}")
                  .getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
      service.awaitBusy("fine", 1);
    }
    String instance = service.awaitBusy("fine", 1).get(0);
    service.openGate(instance);
    Await.until(
        "the instance is idle", () -> service.client().function("fine").instances().idle() == 1);
    assertThat(service.invoke("fine", "{}").instance()).isEqualTo(instance);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "NONSENSE\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: x\r\nX: %LONG%\r\n\r\n",
        "GET /%LONG% HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /v1/functions/fine/invocations HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
      })
  void anyCall_isNoHttp_isRefusedWithAProblem(String request) throws Exception {
    String raw = request.replace("%LONG%", "x".repeat(100_000));
    CompletableFuture<String> reply =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return service.http().raw(raw);
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });
    assertThat(reply.get(30, TimeUnit.SECONDS))
        .matches("(?s)HTTP/1.[01] 400 .*")
        .contains("application/problem+json")
        .contains("\"code\"", "\"requestId\"", "\"next\"");
  }

  @Test
  void deploy_twiceAtOnce_takesBothOrRefusesOneAsAConflict() throws Exception {
    List<CompletableFuture<Integer>> both =
        Stream.of(1, 2)
            .map(
                i ->
                    CompletableFuture.supplyAsync(
                        () -> {
                          try {
                            return deploy(Sample.zip("app.py"), Map.of()).statusCode();
                          } catch (Exception e) {
                            throw new IllegalStateException(e);
                          }
                        }))
            .toList();
    for (CompletableFuture<Integer> each : both) {
      assertThat(each.get(60, TimeUnit.SECONDS)).isIn(200, 201, 409);
    }
    service.client().delete("new");
  }
}
