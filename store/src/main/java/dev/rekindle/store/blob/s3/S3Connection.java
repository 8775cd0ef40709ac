package dev.rekindle.store.blob.s3;

import dev.rekindle.store.blob.s3.S3Failure.UnexplainedStatus;
import io.minio.MinioAsyncClient;
import io.minio.credentials.Provider;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Response;

/** The client of an S3 server: its connections and the threads that carry requests. */
final class S3Connection implements AutoCloseable {
  /** Requests at once. OkHttp's own limit of 5 for a host would undo parallel ranged reads. */
  private static final int MOST_REQUESTS = 64;

  /** Idle connections kept: a burst of ranged reads should not begin with handshakes. */
  private static final int IDLE_CONNECTIONS = 16;

  private static final Duration IDLE_TIME = Duration.ofMinutes(1);

  private final OkHttpClient http;
  private final MinioAsyncClient client;

  S3Connection(S3Settings settings, Provider credentials) {
    var dispatcher = new Dispatcher(threads());
    dispatcher.setMaxRequests(MOST_REQUESTS);
    dispatcher.setMaxRequestsPerHost(MOST_REQUESTS);
    http =
        new OkHttpClient.Builder()
            .dispatcher(dispatcher)
            .connectionPool(
                new ConnectionPool(IDLE_CONNECTIONS, IDLE_TIME.toSeconds(), TimeUnit.SECONDS))
            .protocols(List.of(Protocol.HTTP_1_1))
            .connectTimeout(settings.connectTimeout())
            .readTimeout(settings.silenceTimeout())
            .writeTimeout(settings.silenceTimeout())
            .callTimeout(settings.totalTimeout())
            .addInterceptor(S3Connection::refuseForeignErrors)
            .build();
    // A client made by us has no retries of the library's own: they know neither our deadline nor
    // our random source.
    client =
        MinioAsyncClient.builder()
            .endpoint(settings.endpoint().toString())
            .region(settings.region())
            .credentialsProvider(credentials)
            .httpClient(http)
            .build();
    if (settings.pathStyle()) {
      client.disableVirtualStyleEndpoint();
    } else {
      client.enableVirtualStyleEndpoint();
    }
  }

  /** The library keeps an error's status only where the error is S3's own. */
  private static Response refuseForeignErrors(Interceptor.Chain chain) throws IOException {
    var response = chain.proceed(chain.request());
    String type = response.header("Content-Type", "");
    if (response.isSuccessful()
        || response.isRedirect()
        || chain.request().method().equals("HEAD")
        || type.startsWith("application/xml")) {
      return response;
    }
    response.close();
    throw new UnexplainedStatus(response.code());
  }

  private static ExecutorService threads() {
    return new ThreadPoolExecutor(
        0,
        Integer.MAX_VALUE,
        IDLE_TIME.toSeconds(),
        TimeUnit.SECONDS,
        new SynchronousQueue<>(),
        task -> {
          var thread = new Thread(task, "store-s3");
          thread.setDaemon(true);
          return thread;
        });
  }

  /** The library's client. */
  MinioAsyncClient client() {
    return client;
  }

  /** Ends all requests and closes all connections. */
  @Override
  public void close() {
    http.dispatcher().cancelAll();
    http.dispatcher().executorService().shutdown();
    http.connectionPool().evictAll();
  }
}
