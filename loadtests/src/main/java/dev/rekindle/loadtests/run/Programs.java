package dev.rekindle.loadtests.run;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the programs are that the baselines run. */
public final class Programs {
  private static final String CRIU_VARIABLE = "REKINDLE_CRIU";
  private static final String CRIU_INSTALLED = "/opt/rekindle/criu/sbin/criu";
  private static final String PYTHON_VARIABLE = "REKINDLE_PYTHON";
  private static final String PYTHON_INSTALLED = "/usr/bin/python3";
  private static final String NODE_VARIABLE = "REKINDLE_NODE";
  private static final String NODE_INSTALLED = "/usr/bin/node";

  private static final String JAVA_VARIABLE = "REKINDLE_JAVA";

  private Programs() {}

  /**
   * The CRIU that the launcher names, or the one that its setup installs.
   *
   * @throws BenchmarkException if there is none
   */
  public static Path criu() {
    Path criu = Path.of(variable(CRIU_VARIABLE, CRIU_INSTALLED));
    if (!Files.isExecutable(criu)) {
      throw new BenchmarkException(
          BenchmarkException.Cause.MACHINE,
          "there is no CRIU at " + criu + ": run './rekindle setup'");
    }
    return criu;
  }

  /** The Python that the launcher names, or Debian's. */
  static Path python() {
    return Path.of(variable(PYTHON_VARIABLE, PYTHON_INSTALLED));
  }

  /** The Node.js that the launcher names, or Debian's. */
  static Path node() {
    return Path.of(variable(NODE_VARIABLE, NODE_INSTALLED));
  }

  /** The Java of the JDK that the launcher names, or the one that runs this. */
  static Path java() {
    return Path.of(variable(JAVA_VARIABLE, System.getProperty("java.home")), "bin", "java");
  }

  private static String variable(String name, String otherwise) {
    String value = System.getenv(name);
    return value == null || value.isBlank() ? otherwise : value;
  }
}
