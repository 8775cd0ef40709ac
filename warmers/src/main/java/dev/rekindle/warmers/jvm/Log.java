package dev.rekindle.warmers.jvm;

import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import java.io.PrintStream;

/** The function's log: its standard output. */
final class Log {
  // Functions replace System.out; these are the ones that lead out of the process.
  private static final PrintStream OUT = System.out;
  private static final PrintStream ERR = System.err;

  private Log() {}

  /** Writes one line. */
  static void line(String text) {
    try {
      OUT.println(text);
    } catch (RuntimeException | Error e) {
      // There is nowhere left to complain.
    }
  }

  /** Writes one entry, as the function gave it; it ends its line. */
  static void entry(byte[] text) {
    OUT.write(text, 0, text.length);
    if (text.length == 0 || text[text.length - 1] != '\n') {
      OUT.write('\n');
    }
    OUT.flush();
  }

  /** Writes a reported error. */
  static void fault(Fault fault) {
    StringBuilder text = new StringBuilder(LogFormat.isJson() ? "" : "[ERROR] ");
    text.append(fault.type()).append(": ").append(fault.message());
    for (String frame : fault.trace()) {
      boolean heading = frame.startsWith("Caused by: ") || frame.startsWith("Suppressed: ");
      text.append(heading ? "\n" : "\n\tat ").append(frame);
    }
    line(LogFormat.isJson() ? LogFormat.entry(text.toString(), LogLevel.ERROR) : text.toString());
  }

  /** Empties the output buffers, also those that the function has hidden. */
  static void flush() {
    for (PrintStream stream : new PrintStream[] {System.out, System.err, OUT, ERR}) {
      try {
        stream.flush();
      } catch (RuntimeException | Error e) {
        // A stream of the function's own that fails must not cost the reply.
      }
    }
  }
}
