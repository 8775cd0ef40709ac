package dev.rekindle.engine.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The control groups that bound one sandbox: a directory below each of the engine's group roots.
 * Works on cgroup v2 and on v1, whatever the host mounts.
 */
final class MemoryCgroup {
  private final CgroupRoots roots;
  private final String name;

  MemoryCgroup(CgroupRoots roots, String name) {
    this.roots = roots;
    this.name = name;
  }

  private Path memory() {
    return roots.memory().resolve(name);
  }

  private List<Path> directories() {
    return roots.pids().equals(roots.memory())
        ? List.of(memory())
        : List.of(memory(), roots.pids().resolve(name));
  }

  /** Makes the groups and moves a process, whose children will follow, into them. */
  void create(long hostPid) throws IOException {
    for (Path directory : directories()) {
      Files.createDirectories(directory);
      Files.writeString(directory.resolve("cgroup.procs"), Long.toString(hostPid));
    }
  }

  void limit(long memoryBytes, int maxProcesses) throws IOException {
    Files.writeString(
        memory().resolve(roots.v2() ? "memory.max" : "memory.limit_in_bytes"),
        Long.toString(memoryBytes));
    Path swap = memory().resolve(roots.v2() ? "memory.swap.max" : "memory.memsw.limit_in_bytes");
    if (Files.exists(swap)) {
      Files.writeString(swap, roots.v2() ? "0" : Long.toString(memoryBytes));
    }
    Files.writeString(
        roots.pids().resolve(name).resolve("pids.max"), Integer.toString(maxProcesses));
  }

  /** How often the kernel killed a process here for memory; 0 if it cannot be read. */
  long outOfMemoryKills() {
    Path counters = memory().resolve(roots.v2() ? "memory.events" : "memory.oom_control");
    try {
      for (String line : Files.readAllLines(counters)) {
        if (line.startsWith("oom_kill ")) {
          return Long.parseLong(line.substring("oom_kill ".length()).trim());
        }
      }
      return 0;
    } catch (IOException e) {
      return 0;
    }
  }

  /** Removes the groups as soon as the kernel has ended their last process. */
  void deleteWhenEmpty() {
    directories().forEach(roots::deleteWhenEmpty);
  }
}
