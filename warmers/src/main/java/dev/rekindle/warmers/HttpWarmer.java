package dev.rekindle.warmers;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Boots any program that serves HTTP on {@code $PORT}, unchanged: the handler is its command line,
 * read by the sandbox's shell. There is no bootstrap in it, so it is ready when its port is. What
 * runs Node.js gets a preload that hears of restores.
 */
final class HttpWarmer implements Warmer {
  /** Each sandbox has a network of its own, so all instances may have the same. */
  static final int PORT = 8080;

  /** Describes how programs are run; raise it when snapshots of before must not be restored. */
  private static final String VERSION = "2";

  /** Has Node.js renew its random generators in clones; other programs do not read it. */
  private static final String PRELOAD =
      "--require=" + RuntimePaths.sandbox().bootstraps().resolve("nodejs/preload.js");

  @Override
  public String runtime() {
    return "http";
  }

  @Override
  public void check() {
    // A shell is on every host; the program itself is in the function's code.
  }

  @Override
  public String runtimeVersion() {
    return VERSION;
  }

  @Override
  public OptionalInt port() {
    return OptionalInt.of(PORT);
  }

  @Override
  public void validateHandler(String handler) {
    if (handler.isBlank() || handler.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
      throw new WarmerException(
          WarmerException.Cause.INVALID_HANDLER,
          "handler is no command line of one line; for a server in app.py it is"
              + " 'python3 app.py', if that listens on port $PORT");
    }
  }

  @Override
  public Launch launch(FunctionSpec function) {
    return new Launch(
        List.of("/bin/sh", "-c", function.handler()),
        environment(function),
        RuntimePaths.sandbox().task().toString());
  }

  /** Nothing of Lambda's: frameworks take such variables for a sign that no server is wanted. */
  private static Map<String, String> environment(FunctionSpec function) {
    Map<String, String> all = new HashMap<>(FunctionEnvironment.defaults());
    all.putAll(function.environment());
    all.put("PORT", Integer.toString(PORT));
    all.merge("NODE_OPTIONS", PRELOAD, (users, ours) -> ours + " " + users);
    all.put("REKINDLE_FUNCTION_NAME", function.name());
    all.put("REKINDLE_FUNCTION_VERSION", function.version());
    all.put("REKINDLE_FUNCTION_MEMORY_SIZE", Integer.toString(function.memoryMb()));
    return all;
  }
}
