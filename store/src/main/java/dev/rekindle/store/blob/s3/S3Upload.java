package dev.rekindle.store.blob.s3;

import dev.rekindle.store.blob.BlobException;
import dev.rekindle.store.blob.BlobException.Reason;
import dev.rekindle.store.blob.BlobStore.Condition;
import io.minio.AbortMultipartUploadArgs;
import io.minio.CompleteMultipartUploadArgs;
import io.minio.CreateMultipartUploadArgs;
import io.minio.Http;
import io.minio.MinioAsyncClient;
import io.minio.PutObjectAPIArgs;
import io.minio.UploadPartArgs;
import io.minio.messages.Part;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;

/**
 * One put of an object: in one request, or a large file in parts, a few at a time.
 *
 * <p>Each put marks its object with a token of its own. A repeated conditional put whose first
 * reply was lost is refused because of itself; by the token it knows.
 */
final class S3Upload {
  private static final Logger LOG = System.getLogger(S3Upload.class.getName());

  /** The user metadata that holds the token. */
  static final String TOKEN = "rekindle-put";

  /** Larger files go in parts. S3 allows 5 MiB at least and 10,000 parts. */
  static final long PART_BYTES = 16L << 20;

  private static final int MOST_PARTS = 10_000;

  private final MinioAsyncClient client;
  private final S3Requests requests;
  private final S3Settings settings;
  private final String key;
  private final String token;
  private final Condition condition;

  S3Upload(
      MinioAsyncClient client,
      S3Requests requests,
      S3Settings settings,
      String key,
      String token,
      Condition condition) {
    this.client = client;
    this.requests = requests;
    this.settings = settings;
    this.key = key;
    this.token = token;
    this.condition = condition;
  }

  /** Puts bytes in one request. */
  void put(byte[] bytes) throws BlobException {
    whole(args -> args.data(bytes, bytes.length));
  }

  /** Puts a file, in parts if it is large; parts are sent by the threads given. */
  void put(Path file, ExecutorService threads) throws BlobException {
    try (var open = new RandomAccessFile(file.toFile(), "r")) {
      long bytes = open.length();
      if (bytes <= PART_BYTES) {
        var range = new S3FileRange(open, 0, bytes, settings);
        whole(args -> args.headers(range.headers()).file(range.rewound(), bytes));
        return;
      }
    } catch (IOException e) {
      throw unreadable(file, e);
    }
    inParts(file, threads);
  }

  private interface Content {
    void addTo(PutObjectAPIArgs.Builder args) throws IOException;
  }

  private void whole(Content content) throws BlobException {
    try {
      requests.send(
          what(),
          () -> {
            var args = PutObjectAPIArgs.builder().bucket(settings.bucket()).object(object());
            var headers = new HashMap<>(Map.of("x-amz-meta-" + TOKEN, token));
            if (condition == Condition.IF_ABSENT) {
              headers.put("If-None-Match", "*");
            }
            args.extraHeaders(headers);
            content.addTo(args);
            return client.putObject(args.build());
          },
          done -> done);
    } catch (BlobException e) {
      forgiveOwn(e);
    }
  }

  private void inParts(Path file, ExecutorService threads) throws BlobException {
    long bytes = file.toFile().length();
    long partBytes = Math.max(PART_BYTES, (bytes + MOST_PARTS - 1) / MOST_PARTS);
    String upload = begin();
    boolean done = false;
    try {
      complete(upload, send(upload, file, bytes, partBytes, threads));
      done = true;
    } catch (BlobException e) {
      forgiveOwn(e);
      done = true;
    } finally {
      if (!done) {
        abort(upload);
      }
    }
  }

  private String begin() throws BlobException {
    return requests.send(
        what(),
        () ->
            client.createMultipartUpload(
                CreateMultipartUploadArgs.builder()
                    .bucket(settings.bucket())
                    .object(object())
                    .headers(new Http.Headers("x-amz-meta-" + TOKEN, token))
                    .build()),
        reply -> reply.result().uploadId());
  }

  private Part[] send(String upload, Path file, long bytes, long partBytes, ExecutorService threads)
      throws BlobException {
    List<Future<Part>> parts = new ArrayList<>();
    try {
      for (long offset = 0; offset < bytes; offset += partBytes) {
        int number = parts.size() + 1;
        long start = offset;
        long length = Math.min(partBytes, bytes - offset);
        parts.add(threads.submit(() -> sendPart(upload, file, number, start, length)));
      }
      var sent = new Part[parts.size()];
      for (int i = 0; i < sent.length; i++) {
        sent[i] = parts.get(i).get();
      }
      return sent;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BlobException(Reason.INTERRUPTED, what() + " was interrupted");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof BlobException failed) {
        throw failed;
      }
      throw new IllegalStateException(what() + " failed", e.getCause());
    } catch (CancellationException | RejectedExecutionException e) {
      throw new IllegalStateException(what() + " failed: the store was closed", e);
    } finally {
      parts.forEach(part -> part.cancel(true));
    }
  }

  private Part sendPart(String upload, Path file, int number, long start, long length)
      throws BlobException {
    try (var open = new RandomAccessFile(file.toFile(), "r")) {
      var range = new S3FileRange(open, start, length, settings);
      return requests.send(
          "part " + number + " of " + what(),
          () ->
              client.uploadPart(
                  UploadPartArgs.builder()
                      .bucket(settings.bucket())
                      .object(object())
                      .uploadId(upload)
                      .partNumber(number)
                      .headers(range.headers())
                      .file(range.rewound(), length)
                      .build()),
          reply -> reply.part());
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private void complete(String upload, Part[] parts) throws BlobException {
    requests.send(
        what(),
        () -> {
          var args =
              CompleteMultipartUploadArgs.builder()
                  .bucket(settings.bucket())
                  .object(object())
                  .uploadId(upload)
                  .parts(parts);
          if (condition == Condition.IF_ABSENT) {
            args.extraHeaders(Map.of("If-None-Match", "*"));
          }
          return client.completeMultipartUpload(args.maxRetries(1).build());
        },
        done -> done);
  }

  /**
   * Passes a failure on, unless the object is there and bears this put's token: then an earlier
   * attempt has succeeded and its reply was lost.
   */
  private void forgiveOwn(BlobException failure) throws BlobException {
    if (failure.reason() == Reason.INTERRUPTED || !isOwn()) {
      throw failure;
    }
  }

  private boolean isOwn() {
    try {
      return requests
          .send(
              what(),
              () -> client.headObject(S3Blobs.headArgs(settings, key)),
              reply -> reply.userMetadata().getFirst(TOKEN))
          .equals(token);
    } catch (BlobException | NullPointerException e) {
      return false;
    }
  }

  private void abort(String upload) {
    try {
      requests.send(
          "giving up " + what(),
          () ->
              client.abortMultipartUpload(
                  AbortMultipartUploadArgs.builder()
                      .bucket(settings.bucket())
                      .object(object())
                      .uploadId(upload)
                      .build()),
          done -> done);
    } catch (BlobException e) {
      LOG.log(Level.WARNING, "event=upload-left-behind cause=\"{0}\"", e.getMessage());
    }
  }

  private String object() {
    return settings.prefix() + key;
  }

  private String what() {
    return "putting blob '" + key + "'";
  }

  private static BlobException unreadable(Path file, IOException cause) {
    return new BlobException(
        Reason.IO_FAILED, "reading " + file + " failed: " + cause + "; check the disk", cause);
  }
}
