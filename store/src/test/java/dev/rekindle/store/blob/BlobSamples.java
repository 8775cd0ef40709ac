package dev.rekindle.store.blob;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.store.blob.BlobException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Blobs to store and what to expect of them. */
public final class BlobSamples {
  private BlobSamples() {}

  /** A call of a blob store. */
  public interface Call {
    void run() throws Exception;
  }

  /** Bytes that follow from a seed. */
  public static byte[] bytes(long seed, int size) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** A file with such bytes. */
  public static Path file(Path directory, long seed, int size) throws IOException {
    return Files.write(directory.resolve("sample-" + seed + "-" + size), bytes(seed, size));
  }

  /** The keys that a store lists. */
  public static List<String> keys(BlobStore store, String prefix) throws BlobException {
    var keys = new ArrayList<String>();
    store.list(prefix, info -> keys.add(info.key()));
    return keys;
  }

  /** Runs a call that must fail for the given reason; returns the failure. */
  public static BlobException assertFails(Reason reason, Call call) {
    try {
      call.run();
    } catch (BlobException e) {
      assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason);
      return e;
    } catch (Exception e) {
      throw new AssertionError("expected a BlobException for " + reason, e);
    }
    throw new AssertionError("expected a BlobException for " + reason);
  }
}
