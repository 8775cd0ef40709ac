package dev.rekindle.store.blob.s3;

import dev.rekindle.s3server.S3Server;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;

/** A server to test with, and how to reach it. */
final class S3Samples {
  static final String ACCESS_KEY = "test-access-key-AKIA";
  static final String SECRET_KEY = "test-secret-key-wJalr";
  static final String BUCKET = "snapshots";

  private S3Samples() {}

  /** Starts a server that knows the credentials above. */
  static S3Server start(Path directory) throws IOException {
    return S3Server.start(directory, ACCESS_KEY, SECRET_KEY);
  }

  /** Settings that make the bucket when it is missing, and wait for little. */
  static S3Settings impatient(URI endpoint, Duration silence, Duration total, int attempts) {
    return new S3Settings(
        endpoint,
        BUCKET,
        "",
        "us-east-1",
        true,
        true,
        Duration.ofSeconds(5),
        silence,
        total,
        attempts);
  }

  /** Settings that make the bucket when it is missing. */
  static S3Settings settings(URI endpoint, String prefix) {
    return new S3Settings(
        endpoint,
        BUCKET,
        prefix,
        "us-east-1",
        true,
        true,
        Duration.ofSeconds(5),
        Duration.ofSeconds(20),
        Duration.ofSeconds(60),
        4);
  }
}
