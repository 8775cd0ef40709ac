package dev.rekindle.warmers;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** Reads folders of resources, which lie in directories while tests run. */
final class TestResources {
  private TestResources() {}

  /** The directory of a resource folder. */
  static Path directory(String folder) {
    URL url = Objects.requireNonNull(TestResources.class.getResource("/" + folder), folder);
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The text of all files below a resource folder, by their paths relative to it. */
  static Map<String, String> folder(String folder) throws IOException {
    return folder(directory(folder));
  }

  /** Copies all files below a directory, over what is there. */
  static void copy(Path from, Path to) throws IOException {
    try (var paths = Files.walk(from)) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        Path target = to.resolve(from.relativize(path));
        Files.createDirectories(target.getParent());
        Files.copy(path, target, StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  /** The text of all files below a directory, by their paths relative to it. */
  static Map<String, String> folder(Path root) throws IOException {
    Map<String, String> files = new TreeMap<>();
    bytes(root)
        .forEach((name, bytes) -> files.put(name, StandardCharsets.UTF_8.decode(bytes).toString()));
    return files;
  }

  /** The contents of all files below a directory, by their paths relative to it. */
  static Map<String, ByteBuffer> bytes(Path root) throws IOException {
    Map<String, ByteBuffer> files = new TreeMap<>();
    try (var paths = Files.walk(root)) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        files.put(root.relativize(path).toString(), ByteBuffer.wrap(Files.readAllBytes(path)));
      }
    }
    return files;
  }
}
