package dev.rekindle.orchestrator;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Finds what a service has left on this host: processes, mounts, control groups, directories,
 * shared memory, temporary files and threads. Looks only at what carries the service's own name, so
 * that other services on the same machine do not disturb.
 */
public final class Leftovers {
  /** This module's build gives its tests a temporary directory that nobody else writes to. */
  public static final Path TEMPORARY = temporary();

  private final Path dataDir;
  private final Path engineState;
  private final String cgroup;
  private final Set<String> before;

  /** Notes what there is before the service starts. */
  Leftovers(Path dataDir) {
    this.dataDir = dataDir;
    this.engineState = DataDirectory.engineState(dataDir);
    this.cgroup = "rekindle-" + engineState.getFileName();
    this.before = shared();
  }

  private static Path temporary() {
    try {
      return Files.createDirectories(Path.of(System.getProperty("java.io.tmpdir")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Fails if something stays; processes that were just killed get a moment to end. */
  void assertNone() {
    try {
      Await.value("nothing is left of the service", this::all, List::isEmpty);
    } catch (Exception e) {
      throw new IllegalStateException("what is left could not be looked for", e);
    }
  }

  private List<String> all() throws IOException {
    List<String> found = new ArrayList<>(processes());
    for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
      if (line.contains(engineState.toString()) || line.contains(dataDir.toString())) {
        found.add("mount " + line);
      }
    }
    if (Files.exists(engineState)) {
      found.add("directory " + engineState);
    }
    try (Stream<Path> hierarchies = Files.list(Path.of("/sys/fs/cgroup"))) {
      hierarchies.map(h -> h.resolve(cgroup)).filter(Files::exists).forEach(p -> found.add("" + p));
    }
    shared().stream().filter(path -> !before.contains(path)).forEach(found::add);
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().startsWith("rekindle-") || thread.getName().startsWith("vert.x-")) {
        found.add("thread " + thread.getName());
      }
    }
    return found;
  }

  /** Processes of the service: by their command line, or by their control group. */
  List<String> processes() throws IOException {
    List<String> found = new ArrayList<>();
    try (Stream<Path> all = Files.list(Path.of("/proc"))) {
      for (Path process : all.filter(p -> p.getFileName().toString().matches("\\d+")).toList()) {
        String command = read(process.resolve("cmdline")).replace('\0', ' ').strip();
        if (command.contains(engineState.toString() + "/")
            || read(process.resolve("cgroup")).contains("/" + cgroup + "/")) {
          found.add("process " + process.getFileName() + " " + command);
        }
      }
    }
    return found;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return ""; // it has just ended
    }
  }

  /** Shared memory of functions, and all temporary files. */
  private static Set<String> shared() {
    Set<String> found = new TreeSet<>();
    try (Stream<Path> memory = Files.list(Path.of("/dev/shm"));
        Stream<Path> temporary = Files.list(TEMPORARY)) {
      memory.filter(Leftovers::isFunctions).forEach(path -> found.add(path.toString()));
      temporary.forEach(path -> found.add(path.toString()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found;
  }

  private static boolean isFunctions(Path path) {
    try {
      return Files.getAttribute(path, "unix:uid")
          .equals(dev.rekindle.engine.sandbox.Sandbox.FUNCTION_ID);
    } catch (IOException e) {
      return false; // it has just gone
    }
  }
}
