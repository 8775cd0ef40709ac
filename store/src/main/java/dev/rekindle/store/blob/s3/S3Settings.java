package dev.rekindle.store.blob.s3;

import java.net.URI;
import java.time.Duration;

/**
 * Where an S3 bucket is and how patient to be with it. Holds no credentials.
 *
 * @param endpoint the server's address: {@code http} or {@code https}, host, perhaps a port
 * @param bucket the bucket's name
 * @param prefix what all keys of this store begin with, ending in {@code /}; may be empty. Nodes
 *     with the same bucket and prefix share their blobs.
 * @param region the bucket's region
 * @param pathStyle whether the bucket is named in the path, as most servers but AWS want it, and
 *     not in the host name
 * @param createBucket whether a bucket that is missing is made
 * @param connectTimeout how long a connection may take to come up
 * @param silenceTimeout how long a connection may carry nothing
 * @param totalTimeout how long one request may take with all its repetitions
 * @param attempts how often a request is sent at most, while failures are passing ones
 */
public record S3Settings(
    URI endpoint,
    String bucket,
    String prefix,
    String region,
    boolean pathStyle,
    boolean createBucket,
    Duration connectTimeout,
    Duration silenceTimeout,
    Duration totalTimeout,
    int attempts) {
  @Override
  public String toString() {
    return "bucket '" + bucket + "' at " + endpoint + (prefix.isEmpty() ? "" : " under " + prefix);
  }
}
