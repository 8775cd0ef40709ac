package dev.rekindle.engine.pages;

import dev.rekindle.engine.LazilyRestoredProcess;
import dev.rekindle.engine.PagesProgram;
import dev.rekindle.engine.SnapshotEngine;
import dev.rekindle.engine.TestEngine;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** A process that serves a lazily restored instance until it is killed. */
final class LazyVictim {
  private LazyVictim() {}

  /** Arguments: snapshot, program directory, criu version, kernel, architecture, engine name. */
  public static void main(String[] arguments) throws Exception {
    SnapshotEngine engine = TestEngine.open(arguments[5]);
    LazilyRestoredProcess restored =
        engine.restoreLazily(
            Path.of(arguments[0]),
            Map.of("criu", arguments[2], "kernel", arguments[3], "architecture", arguments[4]),
            PagesProgram.spec(Path.of(arguments[1])),
            (stream, bytes) -> {},
            Optional.empty(),
            LazyOptions.recording());
    System.out.println(restored.process().sandbox().hello().hostPid());
    new CountDownLatch(1).await();
  }
}
