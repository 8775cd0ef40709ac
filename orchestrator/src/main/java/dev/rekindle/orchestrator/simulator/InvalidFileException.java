package dev.rekindle.orchestrator.simulator;

/** A file of the simulator's input that cannot be read; the message names file, line and field. */
public final class InvalidFileException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  InvalidFileException(String file, int line, String field, String problem, String fix) {
    super("%s, line %d, field '%s': %s. %s".formatted(file, line, field, problem, fix));
  }

  InvalidFileException(String file, String problem, String fix) {
    super("%s: %s. %s".formatted(file, problem, fix));
  }
}
