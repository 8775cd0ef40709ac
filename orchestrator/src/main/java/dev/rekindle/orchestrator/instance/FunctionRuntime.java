package dev.rekindle.orchestrator.instance;

import dev.rekindle.api.ProblemCode;
import dev.rekindle.engine.sandbox.Sandbox;
import dev.rekindle.engine.sandbox.SandboxSpec;
import dev.rekindle.orchestrator.function.DeployedFunction;
import dev.rekindle.orchestrator.function.FunctionLog;
import dev.rekindle.orchestrator.node.ServiceException;
import dev.rekindle.orchestrator.policy.baseline.ColdPolicy;
import dev.rekindle.orchestrator.policy.baseline.KeepAlivePolicy;
import dev.rekindle.warmers.Launch;
import dev.rekindle.warmers.Warmer;
import dev.rekindle.warmers.WarmerException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One version of a function together with the runtime that carries it: what kind of function it is,
 * what its sandboxes show, how to speak to its instances. Made once for each version.
 */
public final class FunctionRuntime {
  /** Where functions that serve HTTP are reached: {@code /function/NAME/…}. */
  public static final String HTTP_PREFIX = "/function/";

  /** The requirement of a snapshot that names its runtime. */
  public static final String REQUIREMENT = "runtime";

  private final DeployedFunction function;
  private final FunctionLog log;
  private final @Nullable Warmer warmer;
  private final SandboxSpec sandboxSpec;
  private final FunctionProtocol protocol;
  private final String region;

  FunctionRuntime(
      DeployedFunction function,
      FunctionLog log,
      @Nullable Warmer warmer,
      Path bootstraps,
      FunctionProtocol protocol,
      String region) {
    this.function = function;
    this.log = log;
    this.warmer = warmer;
    this.protocol = protocol;
    this.region = region;
    this.sandboxSpec =
        new SandboxSpec(
            hostname(function.name()),
            binds(bootstraps),
            (long) function.settings().memoryMb() << 20,
            SandboxSpec.DEFAULT_MAX_PROCESSES,
            port());
  }

  private FunctionRuntime(FunctionRuntime other, FunctionLog log) {
    this.function = other.function;
    this.log = log;
    this.warmer = other.warmer;
    this.protocol = other.protocol;
    this.region = other.region;
    this.sandboxSpec = other.sandboxSpec;
  }

  /** The same version, whose instances print to another log. */
  FunctionRuntime withLog(FunctionLog other) {
    return new FunctionRuntime(this, other);
  }

  private List<SandboxSpec.Bind> binds(Path bootstraps) {
    List<SandboxSpec.Bind> binds = new ArrayList<>();
    binds.add(new SandboxSpec.Bind(function.code(), Sandbox.CODE));
    binds.add(new SandboxSpec.Bind(bootstraps, Sandbox.RUNTIME));
    Map<String, Path> mounts = warmer == null ? Map.of() : warmer.mounts();
    mounts.forEach(
        (path, target) ->
            binds.add(new SandboxSpec.Bind(bootstraps.resolve(path), target.toString())));
    return binds;
  }

  /** Host names know no underscore. */
  private static String hostname(String function) {
    return function.replace('_', '-');
  }

  /** The version. */
  public DeployedFunction function() {
    return function;
  }

  /** The function's name. */
  public String name() {
    return function.name();
  }

  /** What its instances print. */
  public FunctionLog log() {
    return log;
  }

  /** How to speak to its instances. */
  public FunctionProtocol protocol() {
    return protocol;
  }

  /** What every sandbox of it shows. */
  public SandboxSpec sandboxSpec() {
    return sandboxSpec;
  }

  /** The port on which its instances serve HTTP, or 0 if they take events. */
  public int port() {
    return warmer == null ? 0 : warmer.port().orElse(0);
  }

  /** Whether it is reached by HTTP requests rather than by events. */
  public boolean servesHttp() {
    return port() > 0;
  }

  /**
   * How to start it from nothing. Blocks.
   *
   * @throws StartFailure if there is no warmer for its runtime
   * @throws WarmerException if the runtime is not on this host
   */
  public Launch launch() {
    if (warmer == null) {
      throw new StartFailure("no warmer for runtime " + function.settings().runtime());
    }
    warmer.check();
    return warmer.launch(function.spec(region, makesSnapshots()));
  }

  private boolean makesSnapshots() {
    String policy = function.settings().policy().name();
    return !policy.equals(ColdPolicy.NAME) && !policy.equals(KeepAlivePolicy.NAME);
  }

  /**
   * Name and version of its runtime on this host, such as {@code python3 3.11.2}. Blocks the first
   * time.
   *
   * @throws WarmerException if the runtime is not on this host
   */
  public String identity() {
    String version = warmer == null ? "not installed" : warmer.runtimeVersion();
    return function.settings().runtime() + " " + version;
  }

  /** Why a snapshot with these requirements does not fit the runtime here; empty if it does. */
  public Optional<String> mismatch(Map<String, String> requirements) {
    try {
      String wanted = requirements.getOrDefault(REQUIREMENT, "unknown");
      String here = identity();
      return wanted.equals(here)
          ? Optional.empty()
          : Optional.of(
              "the snapshot was made with runtime %s, here is %s".formatted(wanted, here));
    } catch (WarmerException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** Events are not for functions that serve HTTP. */
  public ServiceException notInvocable() {
    return new ServiceException(
        ProblemCode.WRONG_INTERFACE,
        "The function '%s' serves HTTP and takes no events.".formatted(name()),
        "Send the HTTP request itself to %s%s/.".formatted(HTTP_PREFIX, name()));
  }

  /** HTTP requests are not for functions with handlers. */
  public ServiceException notServing() {
    return new ServiceException(
        ProblemCode.WRONG_INTERFACE,
        "The function '%s' has runtime %s, which takes events and serves no HTTP."
            .formatted(name(), function.settings().runtime()),
        "POST the event to /v1/functions/%s/invocations.".formatted(name()));
  }
}
