package dev.rekindle.orchestrator.config;

import org.jspecify.annotations.Nullable;

/**
 * Where snapshots are kept for good.
 *
 * @param s3 an S3 bucket, which nodes may share; without one, a directory of this node's own
 */
public record StoreConfig(@Nullable S3Config s3) {
  /** The default: a directory. */
  public static final StoreConfig DIRECTORY = new StoreConfig(null);
}
