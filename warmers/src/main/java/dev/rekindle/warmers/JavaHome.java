package dev.rekindle.warmers;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;

/** An installed JDK, seen from the host. */
final class JavaHome {
  /** What sandboxes show of the host, among other things: where a JDK can lie. */
  private static final List<Path> SHOWN = List.of(Path.of("/usr"), Path.of("/opt"));

  private static final int OLDEST = 17;
  private static final int FIRST_TO_WARN = 24; // JEP 472
  private static final String ADVICE =
      "install Java 17 or later (Debian: apt-get install openjdk-17-jdk-headless),"
          + " or set REKINDLE_JAVA to where it is";

  private final Path home;
  private String version = "";

  JavaHome(Path home) {
    this.home = home;
  }

  Path path() {
    return home;
  }

  Path program() {
    return home.resolve("bin/java");
  }

  /**
   * The version in full, such as {@code 17.0.15+6-Debian-1deb12u1}: a snapshot holds the JVM's code
   * at fixed places, so even another build of one version is another runtime.
   *
   * @throws WarmerException with MISSING_RUNTIME
   */
  synchronized String version() {
    if (version.isEmpty()) {
      version = check();
    }
    return version;
  }

  /** Whether it is installed and of that very version. */
  boolean isVersion(String other) {
    try {
      return version().equals(other);
    } catch (WarmerException e) {
      return false;
    }
  }

  /** Whether functions can run on it. */
  boolean serves() {
    try {
      return !version().isEmpty();
    } catch (WarmerException e) {
      return false;
    }
  }

  /** The number that Java versions go by, such as 17; throws as {@link #version()}. */
  int feature() {
    return Runtime.Version.parse(version()).feature();
  }

  /** Whether the JDK warns of every library that nobody has allowed; false if there is none. */
  boolean warnsOfNativeCode() {
    return serves() && feature() >= FIRST_TO_WARN;
  }

  private String check() {
    if (!Files.isExecutable(program())) {
      throw missing("has no bin/java");
    }
    try {
      Path real = home.toRealPath();
      if (SHOWN.stream().noneMatch(real::startsWith)) {
        throw missing(
            "lies at " + real + ", which sandboxes do not show: it must be below " + SHOWN);
      }
      return releaseVersion(real.resolve("release"));
    } catch (IOException e) {
      throw new WarmerException(
          WarmerException.Cause.MISSING_RUNTIME,
          "the JDK " + home + " cannot be read: " + e + "; " + ADVICE,
          e);
    }
  }

  /** The version that a JDK states of itself; throws as {@link #version()}. */
  String releaseVersion(Path release) throws IOException {
    Properties facts = new Properties();
    try (Reader reader = Files.newBufferedReader(release)) {
      facts.load(reader);
    }
    String found = facts.getProperty("JAVA_RUNTIME_VERSION", "").replace("\"", "");
    try {
      if (Runtime.Version.parse(found).feature() >= OLDEST) {
        return found;
      }
    } catch (IllegalArgumentException e) {
      throw missing("has a file 'release' without a JAVA_RUNTIME_VERSION");
    }
    throw missing("is Java " + found);
  }

  private WarmerException missing(String what) {
    return new WarmerException(
        WarmerException.Cause.MISSING_RUNTIME, "the JDK " + home + " " + what + "; " + ADVICE);
  }
}
