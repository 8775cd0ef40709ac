package dev.rekindle.warmers;

import java.util.List;
import java.util.regex.Pattern;

/** Boots functions on CPython 3.8 and later. */
final class Python3Warmer implements Warmer {
  static final List<String> BOOTSTRAP_FILES =
      List.of(
          "python3/bootstrap.py",
          "python3/_rekindle/__init__.py",
          "python3/_rekindle/checkpoint.py",
          "python3/_rekindle/context.py",
          "python3/_rekindle/exchange.py",
          "python3/_rekindle/faults.py",
          "python3/_rekindle/function.py",
          "python3/_rekindle/hooks.py",
          "python3/_rekindle/logs.py",
          "python3/_rekindle/marshal.py",
          "python3/_rekindle/readiness.py",
          "python3/_rekindle/renewal.py",
          "python3/snapshot_restore_py/__init__.py");

  /** Lambda's two forms, {@code package.module.function} and {@code package/module.function}. */
  private static final Pattern HANDLER =
      Pattern.compile(
          "[\\p{L}_][\\w-]*([./][\\p{L}_][\\w-]*)*\\.[\\p{L}_]\\w*",
          Pattern.UNICODE_CHARACTER_CLASS);

  private final RuntimePaths paths;
  private final InterpreterProbe interpreter;

  Python3Warmer(RuntimePaths paths) {
    this.paths = paths;
    this.interpreter =
        new InterpreterProbe(
            paths.python3(),
            List.of("-I", "-c", "import platform; print(platform.python_version())"),
            "install Python 3.8 or later (Debian: apt-get install python3)");
  }

  @Override
  public String runtime() {
    return "python3";
  }

  @Override
  public void check() {
    runtimeVersion();
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
              + "' is not of the form module.function (or package/module.function);"
              + " for app.py with def handler(event, context) it is app.handler");
    }
  }

  @Override
  public Launch launch(FunctionSpec function) {
    return new Launch(
        List.of(
            paths.python3().toString(),
            paths.bootstraps().resolve("python3/bootstrap.py").toString()),
        FunctionEnvironment.of(function, paths),
        paths.task().toString());
  }
}
