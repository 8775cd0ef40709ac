package dev.rekindle.orchestrator.http;

import dev.rekindle.api.Headers;
import dev.rekindle.orchestrator.instance.FunctionRuntime;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Which headers pass between a client and a function's server, and what is added. */
final class ProxyHeaders {
  /** Of one connection and not of the message (RFC 9110, 7.6.1), or made anew by the next hop. */
  private static final Set<String> OF_CONNECTION =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-connection",
          "proxy-authenticate",
          "proxy-authorization",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "http2-settings");

  private static final String OURS = "rekindle-";

  private ProxyHeaders() {}

  /** Copies what is meant for the other end; the platform's own names are the platform's alone. */
  static void copy(MultiMap from, MultiMap to) {
    Set<String> named = new HashSet<>();
    for (String value : from.getAll("Connection")) {
      for (String name : value.split(",", -1)) {
        named.add(name.strip().toLowerCase(Locale.ROOT));
      }
    }
    for (Map.Entry<String, String> header : from) {
      String name = header.getKey().toLowerCase(Locale.ROOT);
      if (!OF_CONNECTION.contains(name) && !named.contains(name) && !name.startsWith(OURS)) {
        to.add(header.getKey(), header.getValue());
      }
    }
  }

  /** Tells the server who asks, and by which way; what a proxy before us said of that stays. */
  static void addForwarded(
      HttpServerRequest request, String function, String requestId, MultiMap to) {
    List<String> hops = to.getAll("X-Forwarded-For");
    String client = request.remoteAddress().hostAddress();
    to.set("X-Forwarded-For", hops.isEmpty() ? client : String.join(", ", hops) + ", " + client);
    addIfAbsent(to, "X-Forwarded-Proto", request.isSSL() ? "https" : "http");
    if (request.authority() != null) {
      addIfAbsent(to, "X-Forwarded-Host", request.authority().toString());
    }
    String prefixes = to.get("X-Forwarded-Prefix");
    to.set(
        "X-Forwarded-Prefix",
        (prefixes == null ? "" : prefixes) + FunctionRuntime.HTTP_PREFIX + function);
    to.set(Headers.REQUEST_ID, requestId);
  }

  private static void addIfAbsent(MultiMap to, String name, String value) {
    if (!to.contains(name)) {
      to.set(name, value);
    }
  }
}
