package dev.rekindle.warmers.jvm;

import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/** Boots a Java function: listens, loads the handler, says that it is ready, serves. */
public final class Bootstrap {
  private static final int READINESS_DESCRIPTOR = 3;
  private static final int LIBRARY = 0;

  private Bootstrap() {}

  /**
   * Serves until the process ends.
   *
   * @param arguments the absolute path of the native library
   */
  public static void main(String[] arguments) throws Exception {
    Optional<ClassLoader> newer = NewerInterfaces.of(taskRoot());
    if (newer.isEmpty()) {
      serve(arguments);
      return;
    }
    Method serve =
        Class.forName(Bootstrap.class.getName(), true, newer.get())
            .getDeclaredMethod("serve", String[].class);
    serve.setAccessible(true);
    serve.invoke(null, (Object) arguments);
  }

  private static Path taskRoot() {
    return Path.of(EnvironmentVariables.get("LAMBDA_TASK_ROOT", "/var/task"));
  }

  private static void serve(String[] arguments) throws Exception {
    NativeCalls.load(arguments[LIBRARY]);
    // Descriptor 3 moves out of the way first: functions close or reuse low numbers.
    Readiness readiness = new Readiness(READINESS_DESCRIPTOR);
    Path taskRoot = taskRoot();
    int listener =
        NativeCalls.listen(
            EnvironmentVariables.get("REKINDLE_SOCKET", "").getBytes(StandardCharsets.UTF_8));
    LogStream.name();
    FunctionLogger.install();
    Handler handler;
    try {
      handler = load(readiness, taskRoot);
    } catch (Throwable e) { // whatever a static initializer may throw: the reason must get out
      Fault fault = Fault.of(e);
      Log.fault(fault);
      readiness.failed(fault);
      Log.flush();
      Runtime.getRuntime().halt(1);
      return;
    }
    Log.flush();
    readiness.ok();
    new Exchanges(listener, handler).serve();
  }

  /** A function that leaves while it is loaded has its reason reported all the same. */
  private static Handler load(Readiness readiness, Path taskRoot) throws Throwable {
    Thread leaving =
        new Thread(
            () -> {
              Fault fault =
                  new Fault("Runtime.ExitError", "the function called System.exit while loading");
              Log.fault(fault);
              readiness.failed(fault);
              Log.flush();
              Runtime.getRuntime().halt(1);
            });
    Runtime.getRuntime().addShutdownHook(leaving);
    FunctionLoader loader = new FunctionLoader(taskRoot);
    Thread.currentThread().setContextClassLoader(loader);
    Handler handler =
        new HandlerFinder(loader, taskRoot).find(EnvironmentVariables.get("_HANDLER", ""));
    Runtime.getRuntime().removeShutdownHook(leaving);
    return handler;
  }
}
