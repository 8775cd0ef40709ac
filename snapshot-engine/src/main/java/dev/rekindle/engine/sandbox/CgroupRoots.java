package dev.rekindle.engine.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The engine's own directory in each control-group hierarchy that it uses. */
public final class CgroupRoots implements AutoCloseable {
  private static final Logger LOG = System.getLogger(CgroupRoots.class.getName());
  private static final long RETRY_MS = 20;

  /** For 10 s: a process that the kernel cannot end by then stays. */
  private static final int DELETE_ATTEMPTS = 500;

  /** For 5 s, which hold up the end of the service. */
  private static final int CLOSE_ATTEMPTS = 250;

  private final Path memory;
  private final Path pids;
  private final boolean v2;
  private final ScheduledExecutorService remover =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "rekindle-cgroups");
            thread.setDaemon(true);
            return thread;
          });

  private CgroupRoots(Path memory, Path pids, boolean v2) {
    this.memory = memory;
    this.pids = pids;
    this.v2 = v2;
  }

  Path memory() {
    return memory;
  }

  Path pids() {
    return pids;
  }

  boolean v2() {
    return v2;
  }

  /**
   * Finds writable hierarchies with the memory and pids controllers and makes our directory there.
   *
   * @param name the directory's name; leftovers of a dead engine of that name are removed
   * @return empty where the host lets us use none: limits then cannot be kept
   */
  public static Optional<CgroupRoots> open(String name) {
    try {
      List<String[]> mounts = new ArrayList<>();
      for (String line : Files.readAllLines(Path.of("/proc/mounts"))) {
        mounts.add(line.split(" ", 5));
      }
      Optional<Path> unified = mountPoint(mounts, "cgroup2", "rw");
      if (unified.isPresent()
          && controllers(unified.get()).containsAll(List.of("memory", "pids"))) {
        Path root = unified.get();
        Files.writeString(root.resolve("cgroup.subtree_control"), "+memory +pids");
        Path own = Files.createDirectories(root.resolve(name));
        removeChildren(own);
        Files.writeString(own.resolve("cgroup.subtree_control"), "+memory +pids");
        return Optional.of(new CgroupRoots(own, own, true));
      }
      Optional<Path> memory = mountPoint(mounts, "cgroup", "memory");
      Optional<Path> pids = mountPoint(mounts, "cgroup", "pids");
      if (memory.isEmpty() || pids.isEmpty()) {
        return Optional.empty();
      }
      Path ownMemory = Files.createDirectories(memory.get().resolve(name));
      Path ownPids = Files.createDirectories(pids.get().resolve(name));
      removeChildren(ownMemory);
      removeChildren(ownPids);
      return Optional.of(new CgroupRoots(ownMemory, ownPids, false));
    } catch (IOException e) {
      LOG.log(Logger.Level.WARNING, "event=cgroups-unusable error={0}", e.toString());
      return Optional.empty();
    }
  }

  private static Optional<Path> mountPoint(List<String[]> mounts, String type, String option) {
    return mounts.stream()
        .filter(m -> m[2].equals(type) && List.of(m[3].split(",", -1)).contains(option))
        .map(m -> Path.of(m[1]))
        .findFirst();
  }

  private static List<String> controllers(Path root) throws IOException {
    return List.of(Files.readString(root.resolve("cgroup.controllers")).trim().split(" ", -1));
  }

  private static void removeChildren(Path own) throws IOException {
    try (Stream<Path> children = Files.list(own)) {
      for (Path child : children.filter(Files::isDirectory).toList()) {
        try {
          Files.delete(child);
        } catch (IOException e) {
          LOG.log(
              Logger.Level.WARNING, "event=cgroup-left path={0} error={1}", child, e.toString());
        }
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** Removes a group once it is empty; the kernel ends killed processes a little later. */
  void deleteWhenEmpty(Path directory) {
    try {
      remover.execute(() -> delete(directory, DELETE_ATTEMPTS));
    } catch (RejectedExecutionException e) {
      // Closed: the whole tree is gone or going.
    }
  }

  private void delete(Path directory, int attempts) {
    try {
      Files.delete(directory);
    } catch (NoSuchFileException e) {
      return;
    } catch (IOException e) {
      if (attempts > 0) {
        var unused =
            remover.schedule(
                () -> delete(directory, attempts - 1), RETRY_MS, TimeUnit.MILLISECONDS);
      } else {
        LOG.log(
            Logger.Level.WARNING, "event=cgroup-left path={0} error={1}", directory, e.toString());
      }
    }
  }

  /** Waits until the processes of all groups have ended, then removes all of our directories. */
  @Override
  public void close() {
    remover.shutdownNow();
    for (int i = 0; !deleteAll() && i < CLOSE_ATTEMPTS; i++) {
      try {
        Thread.sleep(RETRY_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private boolean deleteAll() {
    boolean gone = true;
    for (Path own : v2 ? List.of(memory) : List.of(memory, pids)) {
      if (Files.exists(own)) {
        try {
          deleteChildren(own);
          Files.deleteIfExists(own);
        } catch (IOException e) {
          gone = false;
        }
      }
    }
    return gone;
  }

  private static void deleteChildren(Path own) throws IOException {
    try (DirectoryStream<Path> children = Files.newDirectoryStream(own, Files::isDirectory)) {
      for (Path child : children) {
        Files.deleteIfExists(child);
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }
}
