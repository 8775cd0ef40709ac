package dev.rekindle.engine.sandbox;

/**
 * How a process ended.
 *
 * @param code its exit code, or -1 if a signal ended it
 * @param signal the signal that ended it, or 0
 */
public record ExitStatus(int code, int signal) {
  /** Reads a wait status as waitpid(2) gives it. */
  static ExitStatus ofWaitStatus(int status) {
    int signal = status & 0x7f;
    return signal == 0 ? new ExitStatus(status >> 8 & 0xff, 0) : new ExitStatus(-1, signal);
  }

  /** The status of a process whose sandbox was taken away. */
  public static ExitStatus killed() {
    return new ExitStatus(-1, 9);
  }

  @Override
  public String toString() {
    return signal == 0 ? "exit code " + code : "signal " + signal;
  }
}
