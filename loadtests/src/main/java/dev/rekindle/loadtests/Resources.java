package dev.rekindle.loadtests;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/** Files that the build packs beside the classes. */
final class Resources {
  private Resources() {}

  /** The bytes of one, by its path below this package. */
  static byte[] read(String path) throws IOException {
    try (InputStream in = Resources.class.getResourceAsStream(path)) {
      return Objects.requireNonNull(in, path).readAllBytes();
    }
  }
}
