package dev.rekindle.api.client;

import dev.rekindle.api.AsyncInvocation;
import dev.rekindle.api.Eviction;
import dev.rekindle.api.FunctionDescription;
import dev.rekindle.api.FunctionList;
import dev.rekindle.api.FunctionName;
import dev.rekindle.api.FunctionSettings;
import dev.rekindle.api.Headers;
import dev.rekindle.api.InstanceDescription;
import dev.rekindle.api.InstanceList;
import dev.rekindle.api.InvalidFieldException;
import dev.rekindle.api.Json;
import dev.rekindle.api.PolicyBeliefs;
import dev.rekindle.api.PolicyChoice;
import dev.rekindle.api.PolicyDescription;
import dev.rekindle.api.PolicyList;
import dev.rekindle.api.Readiness;
import dev.rekindle.api.RecordingRequest;
import dev.rekindle.api.RestoreMode;
import dev.rekindle.api.RuntimeDescription;
import dev.rekindle.api.RuntimeList;
import dev.rekindle.api.ServerTiming;
import dev.rekindle.api.SnapshotDescription;
import dev.rekindle.api.SnapshotList;
import dev.rekindle.api.StartKind;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;

/**
 * A client of the service, safe for use by many threads. Every method throws {@link ApiException}
 * when the call does not succeed, and {@link InvalidFieldException} for a name that is none. It is
 * long because it is the whole contract: one short method for each call.
 */
public final class RekindleClient {
  /** Longest wait for a connection. */
  public static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

  /** Longest wait for a reply: the longest run of a function and a minute to start it. */
  public static final Duration DEFAULT_TIMEOUT =
      Duration.ofMillis(FunctionSettings.MAX_TIMEOUT_MS).plusMinutes(1);

  private static final String FUNCTIONS = "/v1/functions";
  private static final String JSON = "application/json";

  private final ApiTransport transport;

  /** A client of the service at an address such as {@code http://localhost:8080}. */
  public RekindleClient(URI service) {
    this(service, DEFAULT_TIMEOUT);
  }

  /** The same with another longest wait for a reply. */
  public RekindleClient(URI service, Duration timeout) {
    // HTTP/1.1: the attempt to upgrade would cost a header and some time on each connection.
    this.transport =
        new ApiTransport(
            service,
            HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_TIMEOUT)
                .build(),
            timeout);
  }

  /**
   * Creates or updates a function.
   *
   * @param zip the bytes of a zip of the function's files
   * @return the function, with version 1 if it is new
   */
  public FunctionDescription deploy(String name, FunctionSettings settings, byte[] zip) {
    Multipart form = new Multipart();
    return transport.send(
        transport
            .request("PUT", path(name, ""), form.body(Json.write(settings), zip))
            .header("Content-Type", form.contentType())
            .build(),
        FunctionDescription.class);
  }

  /** All functions, by name. */
  public List<FunctionDescription> functions() {
    return get(FUNCTIONS, FunctionList.class).functions();
  }

  /** The runtimes that functions can use, by name. */
  public List<RuntimeDescription> runtimes() {
    return get("/v1/runtimes", RuntimeList.class).runtimes();
  }

  /** One function. */
  public FunctionDescription function(String name) {
    return get(path(name, ""), FunctionDescription.class);
  }

  /** Removes a function with its instances and snapshots. */
  public void delete(String name) {
    transport.send(empty("DELETE", path(name, "")));
  }

  /**
   * Invokes a function and waits for its answer, which may be an error of its own.
   *
   * @param event any JSON
   */
  public InvocationReply invoke(String name, byte[] event) {
    return reply(transport.send(invocation(name, event).build()));
  }

  /** As {@link #invoke}, without blocking; the future fails with {@link ApiException}. */
  public CompletableFuture<InvocationReply> invokeAsync(String name, byte[] event) {
    return transport.sendAsync(invocation(name, event).build()).thenApply(RekindleClient::reply);
  }

  /** Hands in an event and returns at once; ask {@link #invocation(String)} for the result. */
  public AsyncInvocation submit(String name, byte[] event) {
    return transport.send(
        invocation(name, event).header(Headers.PREFER, Headers.RESPOND_ASYNC).build(),
        AsyncInvocation.class);
  }

  /** An invocation that was handed in with {@link #submit}. */
  public AsyncInvocation invocation(String id) {
    return get("/v1/invocations/" + escape(id), AsyncInvocation.class);
  }

  /** The running instances of a function. */
  public List<InstanceDescription> instances(String name) {
    return get(path(name, "/instances"), InstanceList.class).instances();
  }

  /** Stops all idle and standby instances of a function and returns how many there were. */
  public int evict(String name) {
    return transport.send(empty("DELETE", path(name, "/instances")), Eviction.class).evicted();
  }

  /** The snapshots of a function. */
  public List<SnapshotDescription> snapshots(String name) {
    return get(path(name, "/snapshots"), SnapshotList.class).snapshots();
  }

  /** Makes a snapshot now and waits until it is stored. */
  public SnapshotDescription checkpoint(String name) {
    return transport.send(empty("POST", path(name, "/snapshots")), SnapshotDescription.class);
  }

  /** One snapshot. */
  public SnapshotDescription snapshot(String id) {
    return get("/v1/snapshots/" + escape(id), SnapshotDescription.class);
  }

  /** Removes a snapshot; instances restored from it live on. */
  public void deleteSnapshot(String id) {
    transport.send(empty("DELETE", "/v1/snapshots/" + escape(id)));
  }

  /**
   * Measures each request in the life of one fresh process, which serves no caller. Waits until all
   * are measured.
   *
   * @param progress called with the number of requests measured so far, after each
   */
  public Recording record(String name, RecordingRequest request, IntConsumer progress) {
    return transport.stream(
        transport
            .request(
                "POST", path(name, "/recordings"), BodyPublishers.ofByteArray(Json.write(request)))
            .header("Content-Type", JSON)
            .build(),
        lines -> RecordingReader.read(lines, progress));
  }

  /** The policy of a function. */
  public PolicyChoice policy(String name) {
    return get(path(name, "/policy"), PolicyChoice.class);
  }

  /** What the policy of a function, and the one in its shadow, hold to be true. */
  public PolicyBeliefs beliefs(String name) {
    return get(path(name, "/policy/beliefs"), PolicyBeliefs.class);
  }

  /** Gives a function another policy, or other parameters, and returns what then holds. */
  public PolicyChoice putPolicy(String name, PolicyChoice policy) {
    return transport.send(
        transport
            .request("PUT", path(name, "/policy"), BodyPublishers.ofByteArray(Json.write(policy)))
            .header("Content-Type", JSON)
            .build(),
        PolicyChoice.class);
  }

  /** The policies that functions can choose. */
  public List<PolicyDescription> policies() {
    return get("/v1/policies", PolicyList.class).policies();
  }

  /**
   * The last lines that a function's instances wrote.
   *
   * @param tail how many lines at most
   */
  public String logs(String name, int tail) {
    HttpRequest request = empty("GET", path(name, "/logs?tail=" + tail));
    return new String(transport.send(request).body(), StandardCharsets.UTF_8);
  }

  /** Whether the service can serve, and if not, why. */
  public Readiness ready() {
    return transport.read(transport.exchange(empty("GET", "/readyz")), Readiness.class);
  }

  private HttpRequest.Builder invocation(String name, byte[] event) {
    return transport
        .request("POST", path(name, "/invocations"), BodyPublishers.ofByteArray(event))
        .header("Content-Type", JSON);
  }

  private <T> T get(String path, Class<T> type) {
    return transport.send(empty("GET", path), type);
  }

  private HttpRequest empty(String method, String path) {
    BodyPublisher none = BodyPublishers.noBody();
    return transport.request(method, path, none).build();
  }

  private static InvocationReply reply(HttpResponse<byte[]> response) {
    String start = ApiTransport.header(response, Headers.START);
    return new InvocationReply(
        response.statusCode(),
        response.body(),
        StartKind.find(start)
            .orElseThrow(
                () -> ApiTransport.unreadable(response, "has unknown start " + start, null)),
        ApiTransport.header(response, Headers.REQUEST_ID),
        ApiTransport.header(response, Headers.INSTANCE),
        response.headers().firstValue(Headers.SNAPSHOT).orElse(null),
        response.headers().firstValue(Headers.RESTORE_MODE).flatMap(RestoreMode::find).orElse(null),
        ServerTiming.parse(String.join(",", response.headers().allValues(Headers.SERVER_TIMING))),
        response.headers().firstValue(Headers.FUNCTION_ERROR).orElse(null));
  }

  private static String path(String name, String rest) {
    return FUNCTIONS + "/" + new FunctionName(name).value() + rest;
  }

  private static String escape(String id) {
    return URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
