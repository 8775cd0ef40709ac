package dev.rekindle.store.blob.s3;

import dev.rekindle.store.blob.BlobException;
import dev.rekindle.store.blob.BlobException.Reason;
import io.minio.errors.MinioException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;

/**
 * Sends requests to an S3 server, again while they fail for passing causes: after 100 ms, 200 ms
 * and so on, of each a random part, so that many nodes do not come back at the same moment. Each
 * request has a deadline that no repetition outlives.
 */
final class S3Requests {
  private static final Logger LOG = System.getLogger(S3Requests.class.getName());
  private static final int HTTP_OK = 200;
  private static final long FIRST_PAUSE_MS = 100;
  private static final long LONGEST_PAUSE_MS = 5_000;

  private final S3Settings settings;
  private final RandomGenerator random;

  S3Requests(S3Settings settings, RandomGenerator random) {
    this.settings = settings;
    this.random = random;
  }

  /** Begins one request. */
  interface Request<T> {
    CompletableFuture<T> send() throws MinioException, IOException;
  }

  /** Takes what the server sent; may read the rest of it from the connection. */
  interface Reply<T, R> {
    R take(T reply) throws IOException, BlobException;
  }

  /**
   * Sends a request until it succeeds, fails for good, or time or attempts are used up.
   *
   * @param what what the request does, for messages, as in "getting blob 'a'"
   * @param request begins it; called once for each attempt
   * @param reply takes the reply; called once for each attempt that got one
   */
  <T, R> R send(String what, Request<T> request, Reply<T, R> reply) throws BlobException {
    long deadline = System.nanoTime() + settings.totalTimeout().toNanos();
    for (int attempt = 1; ; attempt++) {
      S3Failure failure;
      try {
        return reply.take(await(request.send(), deadline));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw interrupted(what);
      } catch (BlobException e) {
        throw e;
      } catch (Exception e) {
        // An interrupted read of the body is an IOException, and leaves the mark.
        if (Thread.currentThread().isInterrupted()) {
          throw interrupted(what);
        }
        failure = S3Failure.of(e);
      }
      long pauseMs = pauseMs(attempt);
      boolean again =
          failure.reason().isPassing()
              && attempt < settings.attempts()
              && deadline - System.nanoTime() > TimeUnit.MILLISECONDS.toNanos(pauseMs);
      if (!again) {
        throw exception(what, failure, attempt);
      }
      LOG.log(
          Level.DEBUG,
          "event=store-request-repeated request=\"{0}\" attempt={1} cause=\"{2}\"",
          what,
          attempt,
          failure.detail());
      pause(what, pauseMs);
    }
  }

  private long pauseMs(int attempt) {
    long most = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS << Math.min(attempt - 1, 10));
    return random.nextLong(most / 2, most + 1);
  }

  private static void pause(String what, long milliseconds) throws BlobException {
    try {
      Thread.sleep(milliseconds);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw interrupted(what);
    }
  }

  private static <T> T await(CompletableFuture<T> reply, long deadline)
      throws InterruptedException, ExecutionException, TimeoutException {
    boolean arrived = false;
    try {
      T value = reply.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      arrived = true;
      return value;
    } finally {
      if (!arrived) {
        // A reply that comes after all would hold its connection for ever.
        reply.thenAccept(S3Requests::close);
      }
    }
  }

  private static void close(Object reply) {
    if (reply instanceof AutoCloseable open) {
      try {
        open.close();
      } catch (Exception e) {
        LOG.log(Level.DEBUG, "event=late-reply-close-failed cause={0}", e.getClass().getName());
      }
    }
  }

  private static BlobException interrupted(String what) {
    return new BlobException(Reason.INTERRUPTED, what + " was interrupted");
  }

  /** The failure that a reply names for a part of what was asked. */
  BlobException refused(String what, String code, String message) {
    return exception(what, S3Failure.answered(HTTP_OK, code, message), 1);
  }

  /** Without a cause: the library's exceptions show a session token in their text. */
  private BlobException exception(String what, S3Failure failure, int attempts) {
    String times = attempts == 1 ? "" : " (%d attempts)".formatted(attempts);
    return new BlobException(
        failure.reason(),
        "%s in %s failed%s: %s; %s"
            .formatted(what, settings, times, failure.detail(), failure.advice()));
  }
}
