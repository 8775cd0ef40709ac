package dev.rekindle.orchestrator;

import dev.rekindle.orchestrator.config.S3Config;
import dev.rekindle.orchestrator.config.ServiceConfig;
import dev.rekindle.store.blob.BlobException;
import dev.rekindle.store.blob.BlobStore;
import dev.rekindle.store.blob.FilesystemBlobs;
import dev.rekindle.store.tier.TierSettings;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;

/**
 * The blob store behind the local disk.
 *
 * @param blobs keeps the bytes
 * @param upload when snapshots go there
 */
public record SharedStore(BlobStore blobs, TierSettings.Upload upload) implements AutoCloseable {
  private static final Logger LOG = System.getLogger(SharedStore.class.getName());

  /**
   * Opens the blob store that a configuration names.
   *
   * @param own where to keep blobs if it names none
   */
  public static SharedStore open(ServiceConfig config, Path own) throws BlobException {
    S3Config s3 = config.store().s3();
    if (s3 != null) {
      Path home = Path.of(System.getProperty("user.home", "/"));
      return new SharedStore(Bucket.open(s3, System.getenv(), home), TierSettings.Upload.AT_ONCE);
    }
    Path directory = config.tiers().sharedDirectory();
    return directory == null
        ? new SharedStore(openDirectory(own), TierSettings.Upload.ON_EVICTION)
        : new SharedStore(openDirectory(directory), TierSettings.Upload.AT_ONCE);
  }

  private static BlobStore openDirectory(Path directory) throws BlobException {
    BlobStore blobs = FilesystemBlobs.open(directory);
    LOG.log(Level.INFO, "event=store-opened kind=directory path={0}", directory);
    return blobs;
  }

  @Override
  public void close() {
    blobs.close();
  }
}
