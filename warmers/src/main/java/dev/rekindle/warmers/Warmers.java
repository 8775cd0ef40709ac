package dev.rekindle.warmers;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

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
    return new Warmers(all(paths), bootstrapDirectory);
  }

  /** The runtimes by their short names, and each again by the versions that are installed. */
  private static List<Warmer> all(RuntimePaths paths) {
    List<Warmer> all = new ArrayList<>();
    all.add(new Python3Warmer(paths));
    all.add(new NodejsWarmer(paths));
    all.add(new JavaWarmer(paths));
    all.add(new HttpWarmer());
    InstalledRuntimes installed = new InstalledRuntimes();
    installed
        .pythons()
        .forEach((name, program) -> add(all, name, new Python3Warmer(paths.withPython3(program))));
    installed
        .nodes(paths.node())
        .forEach((name, program) -> add(all, name, new NodejsWarmer(paths.withNode(program))));
    installed
        .jdks(paths.java())
        .forEach((name, home) -> add(all, name, new JavaWarmer(paths.withJava(home))));
    return all;
  }

  private static void add(List<Warmer> all, String name, Warmer warmer) {
    all.add(new VersionedWarmer(name, warmer));
  }

  /** The warmer of a runtime, by its short name or that of an installed version. */
  public Optional<Warmer> find(String runtime) {
    return Optional.ofNullable(byRuntime.get(runtime));
  }

  /**
   * What functions can use here, by name. Runs interpreters that were not asked yet, so it blocks.
   */
  public List<AvailableRuntime> available() {
    List<AvailableRuntime> all = new ArrayList<>();
    for (Warmer warmer : byRuntime.values()) {
      version(warmer)
          .ifPresent(version -> all.add(new AvailableRuntime(warmer.runtime(), version)));
    }
    return List.copyOf(all);
  }

  private static Optional<String> version(Warmer warmer) {
    try {
      warmer.check();
      return Optional.of(warmer.runtimeVersion());
    } catch (WarmerException e) {
      return Optional.empty(); // not installed, or too old
    }
  }

  /** The names of all runtimes: the short ones, and those of the versions that are installed. */
  public Set<String> runtimes() {
    return Collections.unmodifiableSortedSet(new TreeSet<>(byRuntime.keySet()));
  }

  /** The host directory to mount at {@link RuntimePaths#bootstraps()}, read-only. */
  public Path bootstrapDirectory() {
    return bootstrapDirectory;
  }
}
