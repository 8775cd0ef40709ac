package dev.rekindle.orchestrator.instance;

import dev.rekindle.orchestrator.function.DeployedFunction;
import dev.rekindle.warmers.Warmer;
import dev.rekindle.warmers.WarmerException;
import java.util.Map;
import java.util.Optional;

/** The runtime that a snapshot was made with, held against the one that is here. */
public final class Runtimes {
  static final String REQUIREMENT = "runtime";

  private Runtimes() {}

  /** Name and version of a function's runtime on this host, such as {@code python3 3.11.2}. */
  static String identity(Node node, DeployedFunction function) {
    String runtime = function.settings().runtime();
    return runtime
        + " "
        + node.warmers().find(runtime).map(Warmer::runtimeVersion).orElse("not installed");
  }

  /** Why a snapshot does not fit the runtime here, or empty if it does. */
  public static Optional<String> mismatch(
      Node node, DeployedFunction function, Map<String, String> requirements) {
    try {
      String wanted = requirements.getOrDefault(REQUIREMENT, "unknown");
      String here = identity(node, function);
      return wanted.equals(here)
          ? Optional.empty()
          : Optional.of(
              "the snapshot was made with runtime %s, here is %s".formatted(wanted, here));
    } catch (WarmerException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }
}
