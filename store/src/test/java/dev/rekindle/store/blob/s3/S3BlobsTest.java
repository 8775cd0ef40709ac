package dev.rekindle.store.blob.s3;

import dev.rekindle.s3server.S3Server;
import dev.rekindle.store.blob.BlobException;
import dev.rekindle.store.blob.BlobStore;
import dev.rekindle.store.blob.BlobStoreContract;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The bucket keeps the contract; the server is a real one, and each test has its own prefix. */
class S3BlobsTest extends BlobStoreContract {
  private static final AtomicInteger TESTS = new AtomicInteger();

  private static S3Server server;

  private final S3Settings settings =
      S3Samples.settings(server.endpoint(), "test-" + TESTS.incrementAndGet() + "/");

  @BeforeAll
  static void startServer(@TempDir Path directory) throws IOException {
    server = S3Samples.start(directory);
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @Override
  public BlobStore openStore() throws BlobException {
    var store = S3Blobs.open(settings, server.environment(), Path.of("/none"), new Random(1));
    store.checkBucket();
    return store;
  }
}
