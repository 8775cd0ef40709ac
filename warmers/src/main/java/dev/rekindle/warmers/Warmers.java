package dev.rekindle.warmers;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** All runtimes that this build can boot, and the directory with their bootstrap files. */
public final class Warmers {
  private final SortedMap<String, Warmer> byRuntime = new TreeMap<>();
  private final Path bootstrapDirectory;

  private Warmers(List<Warmer> warmers, Path bootstrapDirectory) {
    warmers.forEach(warmer -> byRuntime.put(warmer.runtime(), warmer));
    this.bootstrapDirectory = bootstrapDirectory;
  }

  /**
   * Extracts the bootstrap files and makes the warmers. Blocks; call it once, at start-up.
   *
   * @param bootstrapDirectory a host directory for the bootstrap files; made if missing
   * @throws WarmerException with CANNOT_EXTRACT
   */
  public static Warmers standard(RuntimePaths paths, Path bootstrapDirectory) {
    BootstrapFiles.extract(Python3Warmer.BOOTSTRAP_FILES, bootstrapDirectory);
    BootstrapFiles.extract(NodejsWarmer.BOOTSTRAP_FILES, bootstrapDirectory);
    BootstrapFiles.extract(JavaWarmer.BOOTSTRAP_FILES, bootstrapDirectory);
    return new Warmers(
        List.of(
            new Python3Warmer(paths),
            new NodejsWarmer(paths),
            new JavaWarmer(paths),
            new HttpWarmer()),
        bootstrapDirectory);
  }

  /** The warmer of a runtime, if there is one. */
  public Optional<Warmer> find(String runtime) {
    return Optional.ofNullable(byRuntime.get(runtime));
  }

  /** The names of all runtimes. */
  public Set<String> runtimes() {
    return Set.copyOf(byRuntime.keySet());
  }

  /** The host directory to mount at {@link RuntimePaths#bootstraps()}, read-only. */
  public Path bootstrapDirectory() {
    return bootstrapDirectory;
  }
}
