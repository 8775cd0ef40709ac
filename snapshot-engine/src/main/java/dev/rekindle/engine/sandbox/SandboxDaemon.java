package dev.rekindle.engine.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** The running {@code rekindle-sandboxd}. It ends when this process does, however that ends. */
final class SandboxDaemon implements AutoCloseable {
  private static final String RESOURCE = "/native/rekindle-sandboxd";

  private static final long END_KNOWN_MS = 200;

  private final Process process;
  private final Path socket;

  private SandboxDaemon(Process process, Path socket) {
    this.process = process;
    this.socket = socket;
  }

  /** Unpacks and starts the daemon; returns when it listens. */
  static SandboxDaemon start(Path stateDirectory, Path criu) {
    Path binary = stateDirectory.resolve("rekindle-sandboxd");
    Path socket = stateDirectory.resolve("control");
    try (InputStream resource = SandboxDaemon.class.getResourceAsStream(RESOURCE)) {
      Files.copy(
          Objects.requireNonNull(resource, "the build left out " + RESOURCE),
          binary,
          StandardCopyOption.REPLACE_EXISTING);
      Files.setPosixFilePermissions(binary, PosixFilePermissions.fromString("rwx------"));
      Files.createDirectories(stateDirectory.resolve("root"));
      Process process =
          new ProcessBuilder(
                  binary.toString(), socket.toString(), criu.toString(), stateDirectory.toString())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      if (process.getInputStream().read() < 0) {
        throw new SandboxException(
            SandboxException.Cause.GONE, "rekindle-sandboxd ended at its start; see its message");
      }
      return new SandboxDaemon(process, socket);
    } catch (IOException e) {
      throw new SandboxException(
          SandboxException.Cause.REFUSED,
          "rekindle-sandboxd could not be started from %s: %s".formatted(binary, e.getMessage()),
          e);
    }
  }

  Path socket() {
    return socket;
  }

  /** The daemon's process id. */
  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Whether it has ended, when there is a sign that it has: its end is known a moment later. */
  boolean hasEnded() {
    try {
      return process.waitFor(END_KNOWN_MS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
