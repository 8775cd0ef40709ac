package dev.rekindle.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.api.Headers;
import dev.rekindle.api.Phase;
import dev.rekindle.api.ProblemCode;
import dev.rekindle.api.ServerTiming;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What passes between clients and functions that serve HTTP, and what is said when it cannot. */
class HttpProxyTest {
  /** Less than this may lie in the buffers of all sockets on the way. */
  private static final int BUFFERED_BYTES = 40 << 20;

  private static TestService service;

  @BeforeAll
  static void start() throws Exception {
    service = TestService.start(Map.of("maxHttpBodyBytes", 100 << 20, "bootTimeoutMs", 3_000));
    HttpFunctions.deployEdges(service, "edges", f -> f.put("timeoutMs", 60_000));
    HttpFunctions.deployEdges(service, "hasty", f -> f.put("timeoutMs", 700));
    service.deploy("handler", Sample.cold());
  }

  @AfterAll
  static void close() throws Exception {
    service.close();
  }

  private static HttpResponse<byte[]> get(String path) throws Exception {
    return service.http().get("/function/edges" + path);
  }

  private static String text(HttpResponse<byte[]> reply) {
    return new String(reply.body(), StandardCharsets.UTF_8);
  }

  private static String raw(String request) throws IOException {
    return service.http().raw(request);
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"})
  void method_ofAnyName_reachesTheServer(String method) throws Exception {
    HttpResponse<byte[]> reply =
        service.http().send(method, "/function/edges/a", "data".getBytes(StandardCharsets.UTF_8));
    assertThat(text(reply)).startsWith(method + " /a\n").endsWith("\n\ndata");
  }

  @ParameterizedTest
  @CsvSource({
    "/function/edges, /",
    "/function/edges/, /",
    "/function/edges?x=1, /?x=1",
    "/function/edges/a%2Fb/../c//d;e?x=%20&y=%C5%BC?/, /a%2Fb/../c//d;e?x=%20&y=%C5%BC?/",
  })
  void target_isPassedAsItCame(String sent, String received) throws Exception {
    String reply = raw("GET " + sent + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assertThat(reply).startsWith("HTTP/1.1 200 OK\r\n").contains("GET " + received + "\n");
  }

  @Test
  void headers_ofTheConnectionStay_othersPassBothWays() throws Exception {
    String reply =
        raw(
            "GET /function/edges/ HTTP/1.1\r\nHost: shop.example:81\r\n"
                + "Connection: close\r\nConnection: X-Hop\r\n"
                + "X-Hop: 1\r\nKeep-Alive: 5\r\nProxy-Authorization: p\r\nTE: trailers\r\n"
                + "X-Double: 1\r\nX-Double: 2\r\nX-Forwarded-For: 10.0.0.1\r\n"
                + "X-Forwarded-Proto: https\r\nAuthorization: mine\r\nRekindle-Forged: 1\r\n\r\n");
    String body = reply.substring(reply.indexOf("\r\n\r\n")).toLowerCase(Locale.ROOT);
    assertThat(body)
        .contains("host: shop.example:81\n", "x-double: 1\n", "x-double: 2\n")
        .contains("authorization: mine\n", "x-forwarded-for: 10.0.0.1, 127.0.0.1\n")
        .contains("x-forwarded-proto: https\n", "x-forwarded-host: shop.example:81\n")
        .contains("x-forwarded-prefix: /function/edges\n", "rekindle-request-id: ")
        .doesNotContain("x-hop", "keep-alive", "proxy-authorization", "te: ", "forged");
    String head = reply.substring(0, reply.indexOf("\r\n\r\n"));
    assertThat(head)
        .contains("Set-Cookie: a=1\r\n", "Set-Cookie: b=2\r\n", "X-Own: 1")
        .doesNotContain("forged");
  }

  @Test
  void reply_tellsHowItStarted() throws Exception {
    HttpResponse<byte[]> reply = get("/");
    assertThat(reply.headers().firstValue(Headers.START)).isPresent();
    assertThat(reply.headers().firstValue(Headers.INSTANCE)).isPresent();
    assertThat(reply.headers().firstValue(Headers.REQUEST_ID)).isPresent();
    ServerTiming timing =
        ServerTiming.parse(reply.headers().firstValue(Headers.SERVER_TIMING).orElseThrow());
    assertThat(timing.of(Phase.HANDLER)).isPresent();
    assertThat(timing.of(Phase.TOTAL)).isPresent();
  }

  @Test
  void replies_withoutABody_keepTheirHeads() throws Exception {
    String head = raw("HEAD /function/edges/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assertThat(head).contains("Content-Length: 12345").endsWith("\r\n\r\n");
    for (int status : new int[] {204, 304}) {
      String reply =
          raw(
              "GET /function/edges/status?%d HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                  .formatted(status));
      assertThat(reply)
          .startsWith("HTTP/1.1 " + status)
          .contains("ETag: \"e\"")
          .doesNotContain("chunked")
          .endsWith("\r\n\r\n");
    }
    assertThat(get("/status?418").statusCode()).isEqualTo(418);
    assertThat(get("/status?503").statusCode()).isEqualTo(503);
  }

  @Test
  void connection_ofTheClient_isKeptForItsNextRequest() throws Exception {
    try (Socket client = service.http().connect()) {
      for (int i = 0; i < 3; i++) {
        String target = "/function/edges/status?" + (200 + i);
        write(client, "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
        assertThat(readUntil(client, "\r\n\r\n")).startsWith("HTTP/1.1 " + (200 + i));
      }
    }
  }

  @Test
  void client_ofHttp10_getsItsReplyUntilTheEnd() throws Exception {
    String reply = raw("GET /function/edges/endless-not HTTP/1.0\r\n\r\n");
    assertThat(reply).contains(" 200 OK\r\n").contains("GET /endless-not");
    String closed = raw("GET /function/edges/until-close HTTP/1.0\r\n\r\n");
    assertThat(closed).endsWith("until close").doesNotContain("chunked");
  }

  @Test
  void reply_thatEndsWithItsConnection_isWhole() throws Exception {
    assertThat(text(get("/until-close"))).isEqualTo("until close");
  }

  @Test
  void reply_streamsWhileTheServerStillWorks() throws Exception {
    try (Socket client = service.http().connect()) {
      write(client, "GET /function/edges/stream HTTP/1.1\r\nHost: x\r\n\r\n");
      String begun = readUntil(client, "one\r\n");
      assertThat(begun).contains("transfer-encoding: chunked");
      service.openGate(service.awaitBusy("edges", 1).get(0));
      assertThat(readUntil(client, "0\r\n\r\n")).contains("two");
    }
    service.evictAll("edges");
  }

  @Test
  void request_inChunks_isPassedOn() throws Exception {
    String reply =
        raw(
            "POST /function/edges/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");
    assertThat(reply).endsWith("\n\nabcdefg");
  }

  @Test
  void expectation_isTheServersToAnswer() throws Exception {
    String head =
        "POST /function/edges%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            + "Expect: 100-continue\r\nContent-Length: 4\r\n\r\n";
    // One that agrees, and one that never says so, as servers of HTTP/1.0 do.
    for (String path : new String[] {"/agrees", "/silent"}) {
      try (Socket client = service.http().connect()) {
        write(client, head.formatted(path));
        assertThat(readUntil(client, "\r\n\r\n")).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
        write(client, "data");
        assertThat(all(client)).startsWith("HTTP/1.1 200 OK").endsWith("\n\ndata");
      }
    }
    assertThat(raw(head.formatted("/refuses"))).startsWith("HTTP/1.1 417 ").endsWith("no thanks");
  }

  @Test
  void reply_beforeTheRequestIsRead_reachesTheClient() throws Exception {
    HttpResponse<byte[]> reply =
        service.http().send("POST", "/function/edges/early", new byte[8 << 20]);
    assertThat(reply.statusCode()).isEqualTo(413);
    assertThat(text(reply)).isEqualTo("too much for me");
  }

  @Test
  void client_thatReadsSlowly_slowsTheServer() throws Exception {
    try (Socket client = service.http().connect()) {
      write(client, "GET /function/edges/endless HTTP/1.1\r\nHost: x\r\n\r\n");
      readUntil(client, "\r\n\r\n");
      String instance = service.awaitBusy("edges", 1).get(0);
      Path written = service.root(instance).orElseThrow().resolve("tmp/written");
      // Nobody reads: it comes to a standstill once the buffers on the way are full.
      long stood = Await.value("a standstill", () -> twice(written), bytes -> bytes > 0);
      assertThat(stood).isLessThan(BUFFERED_BYTES);
      InputStream in = client.getInputStream();
      long more = stood + (8 << 20);
      in.skipNBytes(BUFFERED_BYTES);
      Await.until("that it writes on", () -> Long.parseLong(Files.readString(written)) > more);
    }
    // And its end is the end of that instance.
    Await.until("no instance", () -> service.client().instances("edges").isEmpty());
    assertThat(get("/").statusCode()).isEqualTo(200);
  }

  /** A number in a file that did not change for half a second, or 0. */
  private static long twice(Path file) throws Exception {
    String before = Files.exists(file) ? Files.readString(file) : "";
    Thread.sleep(500);
    String after = Files.exists(file) ? Files.readString(file) : "";
    return before.equals(after) && !after.isEmpty() ? Long.parseLong(after) : 0;
  }

  @Test
  void server_thatReadsSlowly_slowsTheClient() throws Exception {
    int length = 90 << 20;
    try (SocketChannel client =
        SocketChannel.open(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), service.port()))) {
      client.write(
          ascii(
              "POST /function/edges/lazy-reader HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                  + "Content-Length: %d\r\n\r\n".formatted(length)));
      String instance = service.awaitBusy("edges", 1).get(0);
      client.configureBlocking(false);
      ByteBuffer piece = ByteBuffer.allocate(1 << 20);
      long sent = 0;
      for (int idle = 0; idle < 50; ) {
        piece.clear();
        int n = client.write(piece);
        sent += n;
        idle = n == 0 ? idle + 1 : 0;
        Thread.sleep(n == 0 ? 10 : 0);
      }
      assertThat(sent).isLessThan(BUFFERED_BYTES);
      service.openGate(instance);
      client.configureBlocking(true);
      while (sent < length) {
        piece.clear().limit((int) Math.min(piece.capacity(), length - sent));
        sent += client.write(piece);
      }
      String reply =
          new String(client.socket().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(reply).endsWith("\r\n\r\n" + length);
    }
    service.evictAll("edges");
  }

  @Test
  void client_thatLeaves_endsTheServersWork() throws Exception {
    try (Socket client = service.http().connect()) {
      write(client, "GET /function/edges/endless HTTP/1.1\r\nHost: x\r\n\r\n");
      readUntil(client, "ppppp");
    }
    Await.until("no instance", () -> service.client().instances("edges").isEmpty());
    assertThat(get("/").statusCode()).isEqualTo(200);
  }

  @Test
  void client_thatLeavesWhileItWaits_isForgotten() throws Exception {
    HttpFunctions.deployEdges(service, "single", f -> f.put("maxInstances", 1));
    try (Socket first = service.http().connect()) {
      write(first, "GET /function/single/gate HTTP/1.1\r\nHost: x\r\n\r\n");
      String instance = service.awaitBusy("single", 1).get(0);
      try (Socket second = service.http().connect()) {
        write(second, "GET /function/single/die HTTP/1.1\r\nHost: x\r\n\r\n");
        Await.until("that it waits", () -> metric("rekindle_invocations_waiting") == 1);
      }
      Await.until("that it waits no more", () -> metric("rekindle_invocations_waiting") == 0);
      service.openGate(instance);
      assertThat(readUntil(first, "passed")).startsWith("HTTP/1.1 200");
      assertThat(service.http().get("/function/single/").headers().firstValue(Headers.INSTANCE))
          .as("nothing died of it")
          .hasValue(instance);
    }
  }

  private static double metric(String name) throws Exception {
    return text(service.http().get("/metrics"))
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void server_thatDies_isAProblemThatTellsHow() throws Exception {
    JsonNode problem = HttpCalls.assertProblem(get("/die"), ProblemCode.BAD_FUNCTION_REPLY);
    assertThat(problem.path("detail").asText()).contains("exit code 7");
    assertThat(get("/").statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/die-in-reply", "/die-in-chunks"})
  void server_thatDiesInItsReply_cutsTheConnection(String path) throws Exception {
    assertThatThrownBy(() -> get(path)).isInstanceOf(IOException.class);
    String reply = raw("GET /function/edges" + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
    assertThat(reply).contains("half").doesNotContain("\r\n0\r\n\r\n");
    assertThat(get("/").statusCode()).isEqualTo(200);
  }

  @Test
  void instance_thatCannotBeReached_isReplacedWithoutTheClientsNotice() throws Exception {
    HttpFunctions.deployEdges(service, "lost", f -> {});
    HttpResponse<byte[]> first = service.http().get("/function/lost/");
    String instance = first.headers().firstValue(Headers.INSTANCE).orElseThrow();
    Await.until(
        "the end of its checkpoint",
        () -> service.client().function("lost").instances().idle() == 1);
    Files.delete(service.root(instance).orElseThrow().resolve("run/rekindle/function.sock"));
    HttpResponse<byte[]> second = service.http().get("/function/lost/");
    assertThat(second.statusCode()).isEqualTo(200);
    assertThat(second.headers().firstValue(Headers.INSTANCE).orElseThrow()).isNotEqualTo(instance);
  }

  @Test
  void server_thatSpeaksNoHttp_isAProblem() throws Exception {
    for (String path : new String[] {"/nonsense", "/hangs-up"}) {
      JsonNode problem = HttpCalls.assertProblem(get(path), ProblemCode.BAD_FUNCTION_REPLY);
      assertThat(problem.path("detail").asText())
          .contains("closed the connection before its reply was whole")
          .doesNotContain("ended with");
    }
  }

  @Test
  void server_thatTakesTooLong_isATimeout() throws Exception {
    HttpResponse<byte[]> reply = service.http().get("/function/hasty/never");
    JsonNode problem = HttpCalls.assertProblem(reply, ProblemCode.FUNCTION_TIMEOUT);
    assertThat(problem.path("detail").asText()).contains("0.70 seconds", "timeoutMs");
    assertThat(reply.headers().firstValue(Headers.INSTANCE)).isPresent();
    assertThat(raw("GET /function/hasty/never-ends HTTP/1.1\r\nHost: x\r\n\r\n"))
        .contains("begun")
        .doesNotContain("\r\n0\r\n\r\n");
    assertThat(service.client().function("hasty").failures().timeout()).isEqualTo(2);
  }

  @Test
  void body_overTheLimit_isRefused() throws Exception {
    String head = "POST /function/edges/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";
    assertThat(raw(head + "Content-Length: 104857601\r\n\r\n"))
        .startsWith("HTTP/1.1 413 ")
        .contains("body-too-large", "104857600 bytes");
    byte[] chunk = new byte[1 << 20];
    try (Socket client = service.http().connect()) {
      write(client, head + "Transfer-Encoding: chunked\r\n\r\n");
      try {
        for (int i = 0; i < 101; i++) {
          write(client, "100000\r\n");
          client.getOutputStream().write(chunk);
          write(client, "\r\n");
        }
      } catch (IOException refused) {
        assertThat(refused).hasMessageContaining("Broken pipe");
      }
      assertThat(all(client)).startsWith("HTTP/1.1 413 ").contains("body-too-large");
    }
  }

  @Test
  void websocket_isRefusedClearly() throws Exception {
    String reply =
        raw(
            "GET /function/edges/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                + "Connection: Upgrade\r\n"
                + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    assertThat(reply).startsWith("HTTP/1.1 501 ").contains("upgrade-not-supported", "websocket");
  }

  @Test
  void interfaces_doNotMix() throws Exception {
    JsonNode event =
        HttpCalls.assertProblem(
            service.http().json("POST", "/v1/functions/edges/invocations", "{}"),
            ProblemCode.WRONG_INTERFACE);
    assertThat(event.path("next").asText()).contains("/function/edges/");
    JsonNode request =
        HttpCalls.assertProblem(
            service.http().get("/function/handler/"), ProblemCode.WRONG_INTERFACE);
    assertThat(request.path("next").asText()).contains("/v1/functions/handler/invocations");
    HttpCalls.assertProblem(service.http().get("/function/absent/"), ProblemCode.UNKNOWN_FUNCTION);
    HttpCalls.assertProblem(service.http().get("/function"), ProblemCode.NOT_FOUND);
  }

  @ParameterizedTest
  @CsvSource({
    "exec python3 edges.py exits, exit code 5 before it listened on port 8080 ($PORT)",
    "exec python3 edges.py deaf, Nobody listened on port 8080 ($PORT) within 3000 ms",
    "exec ./absent, exit code 127 before it listened on port 8080 ($PORT)",
  })
  void start_thatFails_namesThePort(String command, String detail) throws Exception {
    var unused =
        service
            .client()
            .deploy("broken", HttpFunctions.settings(command), HttpFunctions.zip("edges.py"));
    JsonNode problem =
        HttpCalls.assertProblem(service.http().get("/function/broken/"), ProblemCode.START_FAILED);
    assertThat(problem.path("detail").asText()).contains(detail);
  }

  private static ByteBuffer ascii(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static void write(Socket client, String text) throws IOException {
    client.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    client.getOutputStream().flush();
  }

  private static String readUntil(Socket client, String end) throws IOException {
    StringBuilder text = new StringBuilder();
    while (text.indexOf(end) < 0) {
      int c = client.getInputStream().read();
      assertThat(c).as(text.toString()).isNotNegative();
      text.append((char) c);
    }
    return text.toString();
  }

  private static String all(Socket client) throws IOException {
    return new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
