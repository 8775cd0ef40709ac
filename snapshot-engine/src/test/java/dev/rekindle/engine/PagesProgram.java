package dev.rekindle.engine;

import dev.rekindle.engine.sandbox.Sandbox;
import dev.rekindle.engine.sandbox.SandboxSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The C program of {@code src/test/c/pages.c}, frozen once, to be restored many times. */
public final class PagesProgram {
  private final Path program;
  private final Path snapshot;
  private final Map<String, String> requirements;

  private PagesProgram(Path program, Path snapshot, Map<String, String> requirements) {
    this.program = program;
    this.snapshot = snapshot;
    this.requirements = requirements;
  }

  /** Compiles the program, lets it fill its memory, and freezes it. */
  public static PagesProgram freeze(SnapshotEngine engine, Path directory, int megabytes)
      throws Exception {
    Path program = Files.createDirectories(directory.resolve("program"));
    compile(program.resolve("pages"));
    Path snapshot = Files.createDirectories(directory.resolve("snapshot"));
    SandboxSpec spec = spec(program);
    try (Sandbox sandbox = engine.sandbox(spec)) {
      int pid =
          sandbox.spawn(
              List.of(Sandbox.CODE + "/pages", Integer.toString(megabytes)), Map.of(), "/tmp");
      if (!sandbox.readiness().get(20, TimeUnit.SECONDS).equals("ok")) {
        throw new IllegalStateException("the program did not start");
      }
      CheckpointResult result = engine.checkpoint(sandbox, pid, snapshot, false);
      return new PagesProgram(program, snapshot, result.requirements());
    }
  }

  private static void compile(Path target) throws IOException, InterruptedException {
    Process gcc =
        new ProcessBuilder(
                "gcc",
                "-O1",
                "-D_GNU_SOURCE",
                "-pthread",
                "src/test/c/pages.c",
                "-o",
                target.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(gcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (gcc.waitFor() != 0) {
      throw new IllegalStateException(output);
    }
  }

  /** The sandbox that the program at a place needs. */
  public static SandboxSpec spec(Path program) {
    return new SandboxSpec(
        "pages",
        List.of(new SandboxSpec.Bind(program, Sandbox.CODE)),
        1L << 30,
        SandboxSpec.DEFAULT_MAX_PROCESSES);
  }

  public Path images() {
    return snapshot.resolve("images");
  }

  public SandboxSpec spec() {
    return spec(program);
  }

  public Path program() {
    return program;
  }

  public Path snapshot() {
    return snapshot;
  }

  public Map<String, String> requirements() {
    return requirements;
  }
}
