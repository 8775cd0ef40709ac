package dev.rekindle.orchestrator;

import dev.rekindle.orchestrator.config.S3Config;
import dev.rekindle.store.blob.BlobException;
import dev.rekindle.store.blob.BlobStore;
import dev.rekindle.store.blob.s3.S3Blobs;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;

/** Opens the S3 bucket that keeps snapshots, and says which it is. */
public final class Bucket {
  private static final Logger LOG = System.getLogger(Bucket.class.getName());

  private Bucket() {}

  /**
   * Opens it. A bucket that cannot be reached now does not keep the service from starting: what is
   * on this node still serves, and new snapshots wait.
   *
   * @param environment the variables that may lead to credentials
   * @param home the directory that may hold {@code .aws}
   * @throws StartupException when it can never work as it is set up
   */
  public static BlobStore open(S3Config config, Map<String, String> environment, Path home) {
    var store = S3Blobs.open(config.settings(), environment, home, new Random());
    try {
      store.checkBucket();
      LOG.log(
          Level.INFO,
          "event=store-opened kind=s3 endpoint={0} bucket={1} prefix={2}",
          config.endpoint(),
          config.bucket(),
          config.prefix());
    } catch (BlobException e) {
      if (!e.reason().isPassing()) {
        store.close();
        throw new StartupException("the store of snapshots cannot be used: " + e.getMessage(), e);
      }
      LOG.log(Level.WARNING, "event=store-away kind=s3 cause=\"{0}\"", e.getMessage());
    }
    return store;
  }
}
