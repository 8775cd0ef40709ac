package dev.rekindle.store.blob.s3;

import dev.rekindle.store.blob.BlobException;
import dev.rekindle.store.blob.BlobException.Reason;
import io.minio.Checksum;
import io.minio.Http;
import io.minio.errors.MinioException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.util.Map;

/**
 * A range of an open file to send, with its checksum: by SHA-256 over plain HTTP, where the
 * signature must cover the bytes, else by CRC-32C. Taken once, however often the range is sent.
 */
final class S3FileRange {
  private final RandomAccessFile file;
  private final long start;
  private final Http.Headers headers;

  S3FileRange(RandomAccessFile file, long start, long bytes, S3Settings settings)
      throws IOException, BlobException {
    this.file = file;
    this.start = start;
    boolean plain = "http".equals(settings.endpoint().getScheme());
    var algorithm = plain ? Checksum.Algorithm.SHA256 : Checksum.Algorithm.CRC32C;
    try {
      var hashers = Map.of(algorithm, algorithm.hasher());
      Checksum.update(hashers, rewound(), bytes);
      headers = Checksum.makeHeaders(hashers, plain, plain);
    } catch (MinioException e) {
      throw new BlobException(
          Reason.IO_FAILED,
          "reading the file to upload failed: %s; it must not change meanwhile"
              .formatted(e.getMessage()),
          e);
    }
  }

  /** The headers that tell the checksum. */
  Http.Headers headers() {
    return headers;
  }

  /** The file at the range's start: the client sends from where it stands. */
  RandomAccessFile rewound() throws IOException {
    file.seek(start);
    return file;
  }
}
