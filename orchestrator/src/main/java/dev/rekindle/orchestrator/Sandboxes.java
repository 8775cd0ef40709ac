package dev.rekindle.orchestrator;

import dev.rekindle.engine.Sandbox;
import dev.rekindle.engine.SandboxSpec;
import java.util.List;

/** What every sandbox of a function shows. */
final class Sandboxes {
  private Sandboxes() {}

  static SandboxSpec spec(Node node, DeployedFunction function) {
    return new SandboxSpec(
        hostname(function.name()),
        List.of(
            new SandboxSpec.Bind(function.code(), Sandbox.CODE),
            new SandboxSpec.Bind(node.warmers().bootstrapDirectory(), Sandbox.RUNTIME)),
        (long) function.settings().memoryMb() << 20,
        SandboxSpec.DEFAULT_MAX_PROCESSES,
        node.port(function));
  }

  /** Host names know no underscore. */
  private static String hostname(String function) {
    return function.replace('_', '-');
  }
}
