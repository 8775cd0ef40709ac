package dev.rekindle.orchestrator;

import dev.rekindle.orchestrator.config.ServiceConfig;
import dev.rekindle.store.StoreException;
import dev.rekindle.store.blob.BlobException;
import java.net.BindException;

/** The service cannot start. The message is one sentence for the person who tried. */
public final class StartupException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StartupException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Says what a failure during the start means. */
  static StartupException of(ServiceConfig config, Exception e) {
    Throwable root = e;
    while (root.getCause() != null && !(root instanceof BindException)) {
      root = root.getCause();
    }
    if (root instanceof BindException) {
      return new StartupException(
          "port %d of %s cannot be used (%s): choose another with --port"
              .formatted(config.port(), config.host(), root.getMessage()),
          e);
    }
    if (e instanceof StoreException store && store.reason() == StoreException.Reason.IN_USE) {
      return new StartupException(
          "the data directory %s is in use by another service: choose another with --data-dir"
              .formatted(config.dataDir()),
          e);
    }
    if (e instanceof StartupException known) {
      return known;
    }
    boolean ownBlobs =
        e instanceof BlobException
            && config.store().s3() == null
            && config.tiers().sharedDirectory() == null;
    if (e instanceof java.io.IOException || e instanceof StoreException || ownBlobs) {
      return new StartupException(
          "the data directory %s cannot be used: %s; make it writable or choose another with --data-dir"
              .formatted(config.dataDir(), e.getMessage()),
          e);
    }
    return new StartupException(String.valueOf(e.getMessage()), e);
  }
}
