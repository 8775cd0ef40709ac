package dev.rekindle.orchestrator.instance;

import dev.rekindle.engine.sandbox.Sandbox;
import dev.rekindle.engine.sandbox.SandboxSpec;
import dev.rekindle.orchestrator.function.DeployedFunction;
import dev.rekindle.warmers.Warmer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What every sandbox of a function shows. */
final class Sandboxes {
  private Sandboxes() {}

  static SandboxSpec spec(Node node, DeployedFunction function) {
    return new SandboxSpec(
        hostname(function.name()),
        binds(node, function),
        (long) function.settings().memoryMb() << 20,
        SandboxSpec.DEFAULT_MAX_PROCESSES,
        node.port(function));
  }

  private static List<SandboxSpec.Bind> binds(Node node, DeployedFunction function) {
    Path bootstraps = node.warmers().bootstrapDirectory();
    List<SandboxSpec.Bind> binds = new ArrayList<>();
    binds.add(new SandboxSpec.Bind(function.code(), Sandbox.CODE));
    binds.add(new SandboxSpec.Bind(bootstraps, Sandbox.RUNTIME));
    node.warmers()
        .find(function.settings().runtime())
        .map(Warmer::mounts)
        .orElse(Map.of())
        .forEach(
            (path, target) ->
                binds.add(new SandboxSpec.Bind(bootstraps.resolve(path), target.toString())));
    return binds;
  }

  /** Host names know no underscore. */
  private static String hostname(String function) {
    return function.replace('_', '-');
  }
}
