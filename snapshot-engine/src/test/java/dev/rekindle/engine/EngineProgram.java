package dev.rekindle.engine;

import dev.rekindle.engine.sandbox.Sandbox;
import java.nio.file.Path;

/** Opens an engine with one function, names the processes of both, and waits to be killed. */
final class EngineProgram {
  private EngineProgram() {}

  /**
   * Runs it.
   *
   * @param arguments the state directory and the work directory
   */
  public static void main(String[] arguments) throws Exception {
    SnapshotEngine engine =
        SnapshotEngine.open(
            EngineConfig.of(TestEngine.CRIU, Path.of(arguments[0]), Path.of(arguments[1])));
    Sandbox sandbox = engine.sandbox(TestEngine.spec());
    TestEngine.boot(sandbox, "");
    System.out.println(engine.daemonPid() + " " + sandbox.hello().hostPid());
    System.in.read();
  }
}
