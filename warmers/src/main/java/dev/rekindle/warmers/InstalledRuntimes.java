package dev.rekindle.warmers;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Looks for the interpreters of this host, by version, where sandboxes show them. The names are
 * Lambda's: {@code python3.11}, {@code nodejs20.x}, {@code java17}.
 */
final class InstalledRuntimes {
  private static final String ADVICE = "reinstall it";
  private static final Pattern PYTHON = Pattern.compile("python(3\\.\\d+)");
  private static final Pattern NODE = Pattern.compile("node(js)?(-?\\d+)?");

  /** Where distributions and hand-made installations put programs. */
  private static final List<Path> PROGRAMS =
      List.of(Path.of("/usr/bin"), Path.of("/usr/local/bin"), Path.of("/opt"));

  /** Where they put JDKs. */
  private static final List<Path> JDKS =
      List.of(Path.of("/usr/lib/jvm"), Path.of("/usr/local"), Path.of("/opt"));

  private final List<Path> programs;
  private final List<Path> jdks;

  InstalledRuntimes() {
    this(PROGRAMS, JDKS);
  }

  /** Looks in other directories than the usual ones, and one level below them. */
  InstalledRuntimes(List<Path> programs, List<Path> jdks) {
    this.programs = List.copyOf(programs);
    this.jdks = List.copyOf(jdks);
  }

  /** The CPython interpreters by runtime name; of two of one version, the first one found. */
  Map<String, Path> pythons() {
    Map<String, Path> found = new TreeMap<>();
    for (Path program : programs()) {
      Matcher name = PYTHON.matcher(program.getFileName().toString());
      if (name.matches() && Files.isExecutable(program)) {
        found.putIfAbsent("python" + name.group(1), program);
      }
    }
    return found;
  }

  /**
   * The Node.js programs by runtime name; of two of one version, the first one found. Runs each
   * once.
   *
   * @param standard the one of the short name, which wins
   */
  Map<String, Path> nodes(Path standard) {
    List<Path> candidates = new ArrayList<>(List.of(standard));
    for (Path program : programs()) {
      if (NODE.matcher(program.getFileName().toString()).matches()) {
        candidates.add(program);
      }
    }
    Map<String, Path> found = new TreeMap<>();
    for (Path program : distinct(candidates)) {
      if (Files.isExecutable(program)) {
        nodeName(program).ifPresent(name -> found.putIfAbsent(name, program));
      }
    }
    return found;
  }

  /** {@code node --version} ends before the engine starts: a few milliseconds. */
  private static Optional<String> nodeName(Path program) {
    try {
      String version = new InterpreterProbe(program, List.of("--version"), ADVICE).version();
      int dot = version.indexOf('.');
      return version.startsWith("v") && dot > 1
          ? Optional.of("nodejs" + version.substring(1, dot) + ".x")
          : Optional.empty();
    } catch (WarmerException e) {
      return Optional.empty(); // the short name says what is wrong with it
    }
  }

  /**
   * The JDKs by runtime name; of two of one version, the newest.
   *
   * @param standard the one of the short name, which wins
   */
  Map<String, Path> jdks(Path standard) {
    List<Path> candidates = new ArrayList<>();
    for (Path directory : jdks) {
      candidates.addAll(entries(directory));
    }
    List<JavaHome> homes =
        new ArrayList<>(
            distinct(candidates).stream()
                .filter(home -> Files.isExecutable(home.resolve("bin/java")))
                .map(JavaHome::new)
                .filter(JavaHome::serves)
                .toList());
    homes.sort(
        Comparator.comparing((JavaHome home) -> Runtime.Version.parse(home.version())).reversed());
    JavaHome first = new JavaHome(standard);
    if (first.serves()) {
      homes.add(0, first);
    }
    Map<String, Path> found = new TreeMap<>();
    for (JavaHome home : homes) {
      found.putIfAbsent("java" + home.feature(), home.path());
    }
    return found;
  }

  private List<Path> programs() {
    List<Path> all = new ArrayList<>();
    for (Path directory : programs) {
      for (Path entry : entries(directory)) {
        if (Files.isDirectory(entry)) {
          all.addAll(entries(entry.resolve("bin")));
        } else {
          all.add(entry);
        }
      }
    }
    return all;
  }

  /** Sorted, so that a host's choice does not depend on its file system. */
  private static List<Path> entries(Path directory) {
    List<Path> all = new ArrayList<>();
    if (Files.isDirectory(directory)) {
      try (DirectoryStream<Path> found = Files.newDirectoryStream(directory)) {
        found.forEach(all::add);
      } catch (IOException e) {
        return List.of(); // not readable for the service: nothing that functions could use
      }
    }
    all.sort(null);
    return all;
  }

  private static Path real(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      return path; // who uses it says what is wrong
    }
  }

  /** Leaves out what only links to an earlier one. */
  private static List<Path> distinct(List<Path> paths) {
    Map<Path, Path> byRealPath = new LinkedHashMap<>();
    for (Path path : paths) {
      if (Files.exists(path)) { // no link to nowhere
        byRealPath.putIfAbsent(real(path), path);
      }
    }
    return List.copyOf(byRealPath.values());
  }
}
