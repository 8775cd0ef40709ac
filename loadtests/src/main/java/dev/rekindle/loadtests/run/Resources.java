package dev.rekindle.loadtests.run;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/** Files that the build packs beside the classes. */
public final class Resources {
  private Resources() {}

  /** The bytes of one, by its absolute path on the class path. */
  public static byte[] read(String path) throws IOException {
    try (InputStream in = Resources.class.getResourceAsStream(path)) {
      return Objects.requireNonNull(in, path).readAllBytes();
    }
  }
}
