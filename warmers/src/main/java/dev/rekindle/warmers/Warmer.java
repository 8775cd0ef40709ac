package dev.rekindle.warmers;

import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;

/** Knows how to boot the functions of one runtime. Thread-safe. */
public interface Warmer {
  /** The runtime's name in the API, such as {@code python3}. */
  String runtime();

  /**
   * Makes sure that the runtime is installed on this host. May run the interpreter once, so it
   * blocks: not for an event loop.
   *
   * @throws WarmerException with MISSING_RUNTIME, saying what to install
   */
  void check();

  /**
   * Checks the syntax of a handler; whether it exists shows only when the function boots.
   *
   * @throws WarmerException with INVALID_HANDLER, saying what is wrong with it
   */
  void validateHandler(String handler);

  /**
   * The TCP port of the sandbox that functions serve HTTP on; empty if they speak the bootstrap
   * protocol on a unix socket instead.
   */
  default OptionalInt port() {
    return OptionalInt.empty();
  }

  /** The program that boots the function, with its whole environment. */
  Launch launch(FunctionSpec function);

  /**
   * Bootstrap directories that functions find at a second place too: where that is in the sandbox,
   * by the path below {@link Warmers#bootstrapDirectory()}. To be mounted read-only.
   */
  default Map<String, Path> mounts() {
    return Map.of();
  }

  /**
   * The interpreter's version on this host, such as {@code 3.11.2}; belongs into a snapshot's
   * manifest. Blocks at the first call, as {@link #check()} does.
   *
   * @throws WarmerException with MISSING_RUNTIME
   */
  String runtimeVersion();
}
