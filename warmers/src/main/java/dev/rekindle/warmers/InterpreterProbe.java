package dev.rekindle.warmers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Asks an installed interpreter for its version, once. */
final class InterpreterProbe {
  /** An interpreter prints its version in milliseconds; this leaves room for a cold disk. */
  private static final long PATIENCE_SECONDS = 20;

  private final Path program;
  private final List<String> arguments;
  private final String advice;
  private String version = "";

  /**
   * @param arguments make the program print nothing but its version
   * @param advice what to install when the program is missing
   */
  InterpreterProbe(Path program, List<String> arguments, String advice) {
    this.program = program;
    this.arguments = List.copyOf(arguments);
    this.advice = advice;
  }

  /** The version; later calls return the first answer, since a host's runtime does not change. */
  synchronized String version() {
    if (version.isEmpty()) {
      version = ask();
    }
    return version;
  }

  private String ask() {
    if (!Files.isExecutable(program)) {
      throw missing("is not there", null);
    }
    try {
      Process process =
          new ProcessBuilder(command()).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      process.getOutputStream().close();
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw missing("did not answer within " + PATIENCE_SECONDS + " s", null);
      }
      String answer =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (process.exitValue() != 0 || answer.isEmpty()) {
        throw missing("left with exit code " + process.exitValue(), null);
      }
      return answer;
    } catch (IOException e) {
      throw missing("does not start: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw missing("was interrupted while it started", e);
    }
  }

  private List<String> command() {
    return Stream.concat(Stream.of(program.toString()), arguments.stream()).toList();
  }

  private WarmerException missing(String what, @Nullable Exception cause) {
    String message = "interpreter " + program + " " + what + "; " + advice;
    return cause == null
        ? new WarmerException(WarmerException.Cause.MISSING_RUNTIME, message)
        : new WarmerException(WarmerException.Cause.MISSING_RUNTIME, message, cause);
  }
}
