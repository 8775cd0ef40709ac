package dev.rekindle.orchestrator;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** The host's view of the file systems that instances of a service see. */
final class InstanceFiles {
  private InstanceFiles() {}

  /** The root directory of an instance of the service in a data directory; empty if it is gone. */
  static Optional<Path> root(Path dataDir, String instance) throws IOException {
    String group =
        "/rekindle-" + DataDirectory.engineState(dataDir).getFileName() + "/" + instance + "\n";
    try (Stream<Path> all = Files.list(Path.of("/proc"))) {
      return all.filter(p -> p.getFileName().toString().matches("\\d+"))
          .filter(p -> read(p.resolve("comm")).equals("rekindle-init\n"))
          .filter(p -> read(p.resolve("cgroup")).contains(group))
          .findFirst()
          .map(p -> p.resolve("root"));
    }
  }

  /** Lets an invocation go on that waits at the gate. */
  static void openGate(Path dataDir, String instance) throws IOException {
    Files.createFile(root(dataDir, instance).orElseThrow().resolve("run/rekindle/go"));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return ""; // it has just ended
    }
  }
}
