package dev.rekindle.warmers;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Boots functions on Node.js 18 and later. */
final class NodejsWarmer implements Warmer {
  static final List<String> BOOTSTRAP_FILES =
      List.of(
          "nodejs/bootstrap.js",
          "nodejs/_rekindle/checkpoint.js",
          "nodejs/_rekindle/context.js",
          "nodejs/_rekindle/contract.js",
          "nodejs/_rekindle/door.js",
          "nodejs/_rekindle/exchange.js",
          "nodejs/_rekindle/faults.js",
          "nodejs/_rekindle/frames.js",
          "nodejs/_rekindle/function.js",
          "nodejs/_rekindle/hooks.js",
          "nodejs/_rekindle/instance.node",
          "nodejs/_rekindle/invocation.js",
          "nodejs/_rekindle/logs.js",
          "nodejs/_rekindle/native.js",
          "nodejs/_rekindle/pools.js",
          "nodejs/_rekindle/random.js",
          "nodejs/_rekindle/readiness.js",
          "nodejs/_rekindle/renewal.js",
          "nodejs/_rekindle/streaming.js",
          "nodejs/node_modules/snapshot_restore_node/index.js",
          "nodejs/node_modules/snapshot_restore_node/package.json",
          "nodejs/preload.js");

  private static final String OUR_MODULES = "nodejs/node_modules";

  /** The first release with all that the bootstrap uses, and what Debian 12 has. */
  private static final int OLDEST = 18;

  private static final String ADVICE =
      "install Node.js " + OLDEST + " or later (Debian: apt-get install nodejs)";

  /** What sandboxes show of the host's programs. */
  private static final List<Path> SHOWN =
      List.of(Path.of("/usr"), Path.of("/opt"), Path.of("/bin"), Path.of("/sbin"));

  /** Lambda's form: a path, a file's name without its extension, names below its exports. */
  private static final Pattern HANDLER =
      Pattern.compile(
          "(\\./)?(\\.?[\\p{L}\\p{N}_@$][\\w@$.-]*/)*[\\p{L}\\p{N}_$][\\w$-]*(\\.[\\p{L}_$][\\w$]*)+",
          Pattern.UNICODE_CHARACTER_CLASS);

  private final RuntimePaths paths;
  private final InterpreterProbe interpreter;

  NodejsWarmer(RuntimePaths paths) {
    this.paths = paths;
    this.interpreter =
        new InterpreterProbe(paths.node(), List.of("-p", "process.versions.node"), ADVICE);
  }

  @Override
  public String runtime() {
    return "nodejs";
  }

  @Override
  public void check() {
    if (SHOWN.stream().noneMatch(paths.node()::startsWith)) {
      throw new WarmerException(
          WarmerException.Cause.MISSING_RUNTIME,
          "Node.js lies at "
              + paths.node()
              + ", where sandboxes do not see it (they show "
              + SHOWN.stream().map(Path::toString).collect(Collectors.joining(", "))
              + "); "
              + ADVICE
              + ", or name another one in "
              + RuntimePaths.NODE_VARIABLE);
    }
    requireVersion(runtimeVersion(), paths.node());
  }

  /**
   * Checks that a version is new enough.
   *
   * @throws WarmerException with MISSING_RUNTIME
   */
  static void requireVersion(String version, Path node) {
    if (major(version) < OLDEST) {
      throw new WarmerException(
          WarmerException.Cause.MISSING_RUNTIME,
          "Node.js " + version + " at " + node + " is too old; " + ADVICE);
    }
  }

  private static int major(String version) {
    try {
      return Integer.parseInt(version.substring(0, Math.max(0, version.indexOf('.'))));
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  @Override
  public String runtimeVersion() {
    return interpreter.version();
  }

  @Override
  public void validateHandler(String handler) {
    if (!HANDLER.matcher(handler).matches()) {
      throw new WarmerException(
          WarmerException.Cause.INVALID_HANDLER,
          "handler '"
              + handler
              + "' is not of the form file.function (or dir/file.function);"
              + " for index.js with exports.handler it is index.handler");
    }
  }

  /**
   * Where both of Node's loaders look after the function's own modules: the one of ES modules knows
   * no NODE_PATH.
   */
  @Override
  public Map<String, Path> mounts() {
    return Map.of(OUR_MODULES, paths.task().resolveSibling("node_modules"));
  }

  @Override
  public Launch launch(FunctionSpec function) {
    Map<String, String> environment = new HashMap<>(FunctionEnvironment.of(function, paths));
    String options = environment.getOrDefault("NODE_OPTIONS", "");
    List<String> command = new ArrayList<>();
    command.add(paths.node().toString());
    command.addAll(heapLimits(function.memoryMb(), options));
    command.add(paths.bootstraps().resolve("nodejs/bootstrap.js").toString());
    environment.put("NODE_PATH", searchPath(environment.getOrDefault("NODE_PATH", "")));
    return new Launch(command, environment, paths.task().toString());
  }

  /** As on Lambda: the function's own modules, also by their path from its root, then ours. */
  private String searchPath(String users) {
    Path ours = paths.bootstraps().resolve(OUR_MODULES);
    return Stream.of(users, paths.task().toString(), ours.toString())
        .filter(path -> !path.isEmpty())
        .collect(Collectors.joining(":"));
  }

  /**
   * V8 would size its heap by the host's memory, and the function would be killed at its limit
   * before garbage is collected. The shares (90 % for old objects, 5 % for half of the young ones)
   * are those of Lambda's runtime. What the user sets in NODE_OPTIONS counts instead.
   */
  private static List<String> heapLimits(int memoryMb, String options) {
    String spelled = options.replace('_', '-');
    return Map.of("--max-old-space-size", 90, "--max-semi-space-size", 5).entrySet().stream()
        .filter(limit -> !spelled.contains(limit.getKey()))
        .map(limit -> limit.getKey() + "=" + Math.max(1, memoryMb * limit.getValue() / 100))
        .sorted()
        .toList();
  }
}
