package dev.rekindle.api.client;

import dev.rekindle.api.Json;
import dev.rekindle.api.Problem;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Sends requests and turns everything that is no success into an {@link ApiException}. */
final class ApiTransport {
  private static final int QUOTED_CHARACTERS = 200;

  private final URI base;
  private final HttpClient http;
  private final Duration timeout;

  ApiTransport(URI base, HttpClient http, Duration timeout) {
    this.base = base;
    this.http = http;
    this.timeout = timeout;
  }

  /** A request to a path, which starts with a slash. */
  HttpRequest.Builder request(String method, String path, BodyPublisher body) {
    String root = base.toString().replaceFirst("/+$", "");
    return HttpRequest.newBuilder(URI.create(root + path)).timeout(timeout).method(method, body);
  }

  /** Sends, whatever the status of the reply. */
  HttpResponse<byte[]> exchange(HttpRequest request) {
    return exchange(request, BodyHandlers.ofByteArray());
  }

  private <T> HttpResponse<T> exchange(HttpRequest request, BodyHandler<T> handler) {
    try {
      return http.send(request, handler);
    } catch (IOException e) {
      throw failed(request, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ApiException(
          ApiException.Reason.INTERRUPTED, name(request) + " was interrupted.", e);
    }
  }

  /** Sends, and returns the reply if its status is one of success. */
  HttpResponse<byte[]> send(HttpRequest request) {
    return successful(exchange(request));
  }

  /** As {@link #send}, without blocking. */
  CompletableFuture<HttpResponse<byte[]>> sendAsync(HttpRequest request) {
    return http.sendAsync(request, BodyHandlers.ofByteArray())
        .handle(
            (response, failure) -> {
              if (failure == null) {
                return successful(response);
              }
              Throwable cause =
                  failure instanceof CompletionException && failure.getCause() != null
                      ? failure.getCause()
                      : failure;
              throw failed(request, cause);
            });
  }

  /** Reads the lines of a reply while they arrive. */
  interface LinesReader<T> {
    /** Fails with {@link IOException} if they are not what was asked for. */
    T read(BufferedReader lines) throws IOException;
  }

  /** Sends and reads the reply, if its status is one of success, while it arrives. */
  <T> T stream(HttpRequest request, LinesReader<T> reader) {
    HttpResponse<InputStream> response = exchange(request, BodyHandlers.ofInputStream());
    try (InputStream body = response.body()) {
      if (!isSuccess(response)) {
        throw failure(response, body.readAllBytes());
      }
      return reader.read(new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new ApiException(
          ApiException.Reason.UNREADABLE_REPLY,
          "The reply to %s broke off or cannot be read: it %s"
              .formatted(name(request), e.getMessage()),
          e);
    }
  }

  /** Sends and reads the reply as JSON. */
  <T> T send(HttpRequest request, Class<T> type) {
    return read(send(request), type);
  }

  /** Reads a reply's JSON. */
  <T> T read(HttpResponse<byte[]> response, Class<T> type) {
    return read(response, response.body(), type);
  }

  private static <T> T read(HttpResponse<?> response, byte[] body, Class<T> type) {
    try {
      T value = Json.mapper().readValue(body, type);
      if (value != null) {
        return value;
      }
    } catch (IOException e) {
      throw unreadable(response, body, "is not a " + type.getSimpleName(), e);
    }
    throw unreadable(response, body, "is null", null);
  }

  /** The header's value. */
  static String header(HttpResponse<byte[]> response, String name) {
    return response
        .headers()
        .firstValue(name)
        .orElseThrow(() -> unreadable(response, "lacks header " + name, null));
  }

  static ApiException unreadable(
      HttpResponse<byte[]> response, String what, @Nullable Throwable cause) {
    return unreadable(response, response.body(), what, cause);
  }

  private static ApiException unreadable(
      HttpResponse<?> response, byte[] bytes, String what, @Nullable Throwable cause) {
    String body = new String(bytes, StandardCharsets.UTF_8);
    return new ApiException(
        ApiException.Reason.UNREADABLE_REPLY,
        "The reply to "
            + name(response.request())
            + " "
            + what
            + ". Check that the address is the service's and the versions match. Status "
            + response.statusCode()
            + ", body: "
            + body.substring(0, Math.min(QUOTED_CHARACTERS, body.length())),
        cause);
  }

  private static HttpResponse<byte[]> successful(HttpResponse<byte[]> response) {
    if (isSuccess(response)) {
      return response;
    }
    throw failure(response, response.body());
  }

  private static boolean isSuccess(HttpResponse<?> response) {
    return response.statusCode() / 100 == 2;
  }

  private static ApiException failure(HttpResponse<?> response, byte[] body) {
    return isProblem(response.headers())
        ? new ApiException(read(response, body, Problem.class))
        : unreadable(response, body, "is an error, but not of this service", null);
  }

  private static boolean isProblem(HttpHeaders headers) {
    return headers.firstValue("Content-Type").orElse("").startsWith(Problem.MEDIA_TYPE);
  }

  private ApiException failed(HttpRequest request, Throwable cause) {
    // A connection that is not made in time is as good as none: only a reply can be late.
    boolean late =
        cause instanceof HttpTimeoutException && !(cause instanceof HttpConnectTimeoutException);
    return late
        ? new ApiException(
            ApiException.Reason.TIMEOUT,
            name(request) + " had no reply within " + timeout.toMillis() + " ms.",
            cause)
        : new ApiException(
            ApiException.Reason.UNREACHABLE,
            name(request) + " failed. Check that the service runs there: " + cause,
            cause);
  }

  private static String name(HttpRequest request) {
    return request.method() + " " + request.uri();
  }
}
