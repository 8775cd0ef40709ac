package dev.rekindle.store.blob.s3;

import dev.rekindle.store.blob.BlobException;
import dev.rekindle.store.blob.BlobException.Reason;
import dev.rekindle.store.blob.BlobInfo;
import dev.rekindle.store.blob.BlobKey;
import dev.rekindle.store.blob.BlobStore;
import dev.rekindle.store.blob.FilesystemBlobs;
import io.minio.BucketExistsArgs;
import io.minio.DeleteObjectsArgs;
import io.minio.GetObjectArgs;
import io.minio.GetObjectResponse;
import io.minio.HeadObjectArgs;
import io.minio.ListObjectsV2Args;
import io.minio.MakeBucketArgs;
import io.minio.MinioAsyncClient;
import io.minio.messages.DeleteRequest;
import io.minio.messages.ListBucketResultV2;
import java.io.EOFException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Keeps blobs as objects of an S3 bucket.
 *
 * <p>Longer than most classes here: each method is one operation of the interface.
 */
public final class S3Blobs implements BlobStore {
  private static final Logger LOG = System.getLogger(S3Blobs.class.getName());

  /** S3 deletes as many objects by one request. */
  private static final int MOST_DELETES = 1_000;

  /** Parts of large files that are under way at once. */
  private static final int PARALLEL_PARTS = 4;

  private final S3Settings settings;
  private final S3Connection connection;
  private final MinioAsyncClient client;
  private final S3Requests requests;
  private final ExecutorService parts;
  private volatile boolean bucketSeen;
  private volatile boolean closed;

  private S3Blobs(S3Settings settings, S3Connection connection, RandomGenerator random) {
    this.settings = settings;
    this.connection = connection;
    this.client = connection.client();
    this.requests = new S3Requests(settings, random);
    this.parts =
        Executors.newFixedThreadPool(
            PARALLEL_PARTS,
            task -> {
              var thread = new Thread(task, "store-s3-part");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Opens a store, without asking the server anything: it may be away now and come later.
   *
   * @param settings where the bucket is
   * @param environment the variables that may hold or lead to credentials, see {@link
   *     System#getenv()}; the others are not read
   * @param home the directory that may hold {@code .aws/credentials} and {@code .aws/config}
   * @param random scatters repetitions; must be safe for use by several threads
   */
  public static S3Blobs open(
      S3Settings settings, Map<String, String> environment, Path home, Random random) {
    return new S3Blobs(
        settings, new S3Connection(settings, new S3Credentials(environment, home)), random);
  }

  /**
   * Looks whether the bucket can be used, and makes it when it is missing and the settings allow
   * it.
   *
   * @throws BlobException {@link Reason#MISCONFIGURED} when the bucket is missing, {@link
   *     Reason#ACCESS_DENIED}, {@link Reason#UNAVAILABLE} and the like
   */
  public void checkBucket() throws BlobException {
    requireOpen();
    String what = "looking for bucket '" + settings.bucket() + "'";
    boolean found =
        requests.send(
            what,
            () -> client.bucketExists(BucketExistsArgs.builder().bucket(settings.bucket()).build()),
            exists -> exists);
    if (found) {
      bucketSeen = true;
      return;
    }
    if (!settings.createBucket()) {
      throw new BlobException(
          Reason.MISCONFIGURED,
          "there is no " + settings + "; make it, or allow this service to (createBucket)");
    }
    try {
      requests.send(
          "making bucket '" + settings.bucket() + "'",
          () -> client.makeBucket(MakeBucketArgs.builder().bucket(settings.bucket()).build()),
          done -> done);
      LOG.log(Level.INFO, "event=bucket-created bucket={0}", settings.bucket());
    } catch (BlobException e) {
      if (e.reason() != Reason.ALREADY_EXISTS) {
        throw e;
      }
    }
    bucketSeen = true;
  }

  @Override
  public void put(String key, byte[] bytes, Condition condition) throws BlobException {
    upload(key, condition).put(bytes);
  }

  @Override
  public void put(String key, Path file, Condition condition) throws BlobException {
    upload(key, condition).put(file, parts);
  }

  private S3Upload upload(String key, Condition condition) throws BlobException {
    requireKey(key);
    if (!bucketSeen) {
      checkBucket(); // the server may have been away when the store was opened
    }
    // Unlike any other node's: not from the injected source, which others may seed alike.
    String token = UUID.randomUUID().toString();
    return new S3Upload(client, requests, settings, key, token, condition);
  }

  @Override
  public byte[] get(String key, int mostBytes) throws BlobException {
    requireKey(key);
    return requests.send(
        getting(key),
        () -> client.getObject(getArgs(key).build()),
        reply -> {
          try (reply) {
            long bytes = length(reply);
            if (bytes > mostBytes) {
              throw FilesystemBlobs.tooLarge(key, bytes, mostBytes, this);
            }
            var target = ByteBuffer.allocate((int) bytes);
            fill(reply, target);
            return target.array();
          }
        });
  }

  @Override
  public void get(String key, long offset, ByteBuffer target) throws BlobException {
    requireKey(key);
    FilesystemBlobs.requireOffset(offset);
    long wanted = target.remaining();
    if (wanted == 0) {
      requireLength(key, offset);
      return;
    }
    int start = target.position();
    boolean filled = false;
    try {
      requests.send(
          getting(key),
          () -> client.getObject(getArgs(key).offset(offset).length(wanted).build()),
          reply -> {
            try (reply) {
              long bytes = length(reply);
              if (bytes != wanted) {
                throw FilesystemBlobs.endsEarly(key, offset + bytes, offset + wanted, this);
              }
              // An attempt that was cut off has moved it.
              target.position(start);
              fill(reply, target);
              return target;
            }
          });
      filled = true;
    } finally {
      if (!filled) {
        target.position(start);
      }
    }
  }

  /** S3 knows no empty ranges. */
  private void requireLength(String key, long offset) throws BlobException {
    var found = head(key);
    if (found.isEmpty()) {
      throw new BlobException(Reason.NOT_FOUND, getting(key) + " failed: there is none in " + this);
    }
    if (found.get().bytes() < offset) {
      throw FilesystemBlobs.endsEarly(key, found.get().bytes(), offset, this);
    }
  }

  private GetObjectArgs.Builder getArgs(String key) {
    return GetObjectArgs.builder().bucket(settings.bucket()).object(settings.prefix() + key);
  }

  private static long length(GetObjectResponse reply) throws IOException {
    String length = reply.headers().get("Content-Length");
    if (length == null) {
      throw new IOException("the reply does not tell its length");
    }
    return Long.parseLong(length);
  }

  private static void fill(GetObjectResponse reply, ByteBuffer target) throws IOException {
    var channel = Channels.newChannel(reply);
    while (target.hasRemaining()) {
      if (channel.read(target) < 0) {
        throw new EOFException("the reply ended early");
      }
    }
  }

  @Override
  public Optional<BlobInfo> head(String key) throws BlobException {
    requireKey(key);
    try {
      return requests.send(
          "looking at blob '" + key + "'",
          () -> client.headObject(headArgs(settings, key)),
          found -> Optional.of(new BlobInfo(key, found.size(), found.lastModified().toInstant())));
    } catch (BlobException e) {
      if (e.reason() == Reason.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  static HeadObjectArgs headArgs(S3Settings settings, String key) {
    return HeadObjectArgs.builder()
        .bucket(settings.bucket())
        .object(settings.prefix() + key)
        .build();
  }

  @Override
  public void list(String prefix, Listing listing) throws BlobException {
    requireOpen();
    BlobKey.checkPrefix(prefix);
    String next = null;
    do {
      next = listPage(prefix, next, listing);
    } while (next != null);
  }

  private @Nullable String listPage(String prefix, @Nullable String token, Listing listing)
      throws BlobException {
    var page =
        requests.send(
            "listing blobs '" + prefix + "'",
            () -> {
              var args =
                  ListObjectsV2Args.builder()
                      .bucket(settings.bucket())
                      .prefix(settings.prefix() + prefix);
              return client.listObjectsV2(
                  (token == null ? args : args.continuationToken(token)).build());
            },
            reply -> new Page(infos(reply.result()), next(reply.result())));
    for (var found : page.infos()) {
      listing.blob(found);
    }
    return page.next();
  }

  /** A part of a listing, and what leads to the part behind it. */
  private record Page(List<BlobInfo> infos, @Nullable String next) {}

  private List<BlobInfo> infos(ListBucketResultV2 page) {
    var infos = new ArrayList<BlobInfo>();
    for (var object : page.contents()) {
      String key = object.objectName().substring(settings.prefix().length());
      if (BlobKey.isValid(key)) {
        infos.add(new BlobInfo(key, object.size(), object.lastModified().toInstant()));
      } else {
        LOG.log(Level.WARNING, "event=foreign-object-ignored object={0}", object.objectName());
      }
    }
    return infos;
  }

  private static @Nullable String next(ListBucketResultV2 page) throws IOException {
    if (!page.isTruncated()) {
      return null;
    }
    String next = page.nextContinuationToken();
    if (next == null || next.isEmpty()) {
      throw new IOException("a part of a listing does not lead to the next one");
    }
    return next;
  }

  @Override
  public void delete(String key) throws BlobException {
    deleteAll(List.of(key));
  }

  @Override
  public void deleteAll(Collection<String> keys) throws BlobException {
    requireOpen();
    keys.forEach(BlobKey::check);
    BlobException first = null;
    var rest = new ArrayList<>(keys);
    for (int from = 0; from < rest.size(); from += MOST_DELETES) {
      var page = rest.subList(from, Math.min(rest.size(), from + MOST_DELETES));
      try {
        deletePage(page);
      } catch (BlobException e) {
        if (e.reason() == Reason.INTERRUPTED) {
          throw e;
        }
        first = first == null ? e : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }

  private void deletePage(List<String> keys) throws BlobException {
    String what =
        keys.size() == 1
            ? "deleting blob '" + keys.get(0) + "'"
            : "deleting " + keys.size() + " blobs";
    var objects =
        keys.stream().map(key -> new DeleteRequest.Object(settings.prefix() + key)).toList();
    requests.send(
        what,
        () ->
            client.deleteObjects(
                DeleteObjectsArgs.builder()
                    .bucket(settings.bucket())
                    .objects(objects)
                    .quiet(true)
                    .build()),
        reply -> {
          for (var error : reply.result().errors()) {
            if (!error.code().equals("NoSuchKey")) {
              throw requests.refused(what, error.code(), error.message());
            }
          }
          return reply;
        });
  }

  @Override
  public String toString() {
    return settings.toString();
  }

  @Override
  public void close() {
    closed = true;
    parts.shutdownNow();
    connection.close();
  }

  private void requireKey(String key) {
    requireOpen();
    BlobKey.check(key);
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the blob store in " + this + " is closed");
    }
  }

  private static String getting(String key) {
    return "getting blob '" + key + "'";
  }
}
