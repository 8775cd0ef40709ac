package dev.rekindle.orchestrator;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** Kills CRIU while it works for one service, and no other. */
final class CriuProcesses implements AutoCloseable {
  private final String cgroup;
  private final Callable<Boolean> when;
  private final Set<String> killed = new HashSet<>();
  private final AtomicBoolean over = new AtomicBoolean();
  private final Thread hunter = new Thread(this::hunt, "criu-hunter");
  private final AtomicInteger kills = new AtomicInteger();

  /**
   * Kills CRIU processes of that service from now until this is closed.
   *
   * @param when looked at while there is one: it is killed as soon as this is true
   */
  CriuProcesses(TestService service, Callable<Boolean> when) {
    this.when = when;
    this.cgroup = "/rekindle-" + DataDirectory.engineState(service.dataDir()).getFileName() + "/";
    hunter.start();
  }

  /** How many were killed. */
  int kills() {
    return kills.get();
  }

  private void hunt() {
    while (!over.get()) {
      try (Stream<Path> all = Files.list(Path.of("/proc"))) {
        for (Path process : all.filter(p -> p.getFileName().toString().matches("\\d+")).toList()) {
          String pid = process.getFileName().toString();
          if (read(process.resolve("comm")).equals("criu\n")
              && read(process.resolve("cgroup")).contains(cgroup)
              && when.call()
              && killed.add(pid)) {
            ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
            kills.incrementAndGet();
          }
        }
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
      LockSupport.parkNanos(500_000);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return ""; // it has just ended
    }
  }

  @Override
  public void close() {
    over.set(true);
    try {
      hunter.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
