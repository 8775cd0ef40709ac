package dev.rekindle.warmers.jvm;

import java.io.IOError;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An error in the form in which Lambda reports it.
 *
 * @param type class of the error, or a type of the platform
 * @param message the error's own words
 * @param trace the function's frames, innermost first
 */
record Fault(String type, String message, List<String> trace) {
  /** Bounds that keep a fault's header under the protocol's limit of 1 MiB. */
  private static final int MAX_MESSAGE_CHARACTERS = 65_536;

  private static final int MAX_LINE_CHARACTERS = 500;
  private static final int MAX_LINES_EACH_END = 100;
  private static final int MAX_CAUSES = 10;

  private static final String OURS = Fault.class.getPackageName() + ".";

  Fault {
    type = cut(type, MAX_LINE_CHARACTERS);
    message = cut(message, MAX_MESSAGE_CHARACTERS);
    trace = bounded(trace);
  }

  Fault(String type, String message) {
    this(type, message, List.of());
  }

  /** Describes what was thrown; never throws itself. */
  static Fault of(Throwable thrown) {
    Throwable error = unwrap(thrown);
    try {
      if (error instanceof FaultException fault) {
        Throwable cause = fault.getCause();
        return new Fault(
            fault.type(), text(fault), cause == null ? List.of() : lines(cause, frames(cause)));
      }
      return new Fault(error.getClass().getName(), text(error), lines(error, frames(error)));
    } catch (Throwable e) { // no memory or no stack left to describe it with
      return new Fault(error.getClass().getName(), error.getClass().getName());
    }
  }

  /** Whether the process must end after it, as AWS's client has it: the JVM may be damaged. */
  static boolean isFatal(Throwable thrown) {
    Throwable error = unwrap(thrown);
    return error instanceof VirtualMachineError || error instanceof IOError;
  }

  /** What only carries another error across reflection or class initialization is no news. */
  static Throwable unwrap(Throwable thrown) {
    Throwable error = thrown;
    while ((error instanceof InvocationTargetException
            || error instanceof ExceptionInInitializerError)
        && error.getCause() != null) {
      error = error.getCause();
    }
    return error;
  }

  /** The words of an error, whose own code may fail; its class's name if it has none. */
  private static String text(Throwable error) {
    try {
      String message = error.getLocalizedMessage();
      return message == null ? error.getClass().getName() : message;
    } catch (Throwable e) {
      return "<the message of this error cannot be shown>";
    }
  }

  /** The function's frames, without those of the platform that called it. */
  private static List<String> frames(Throwable error) {
    StackTraceElement[] frames = error.getStackTrace();
    int end = frames.length;
    while (end > 0 && isOfThePlatform(frames[end - 1].getClassName())) {
      end--;
    }
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < end; i++) {
      lines.add(frames[i].toString());
    }
    return lines;
  }

  private static List<String> lines(Throwable error, List<String> lines) {
    Throwable cause = error.getCause();
    for (int i = 0; cause != null && i < MAX_CAUSES; i++, cause = cause.getCause()) {
      lines.add("Caused by: " + cause.getClass().getName() + ": " + text(cause));
      lines.addAll(frames(cause));
    }
    for (Throwable suppressed : error.getSuppressed()) {
      lines.add("Suppressed: " + suppressed.getClass().getName() + ": " + text(suppressed));
      lines.addAll(frames(suppressed));
    }
    return lines;
  }

  private static boolean isOfThePlatform(@Nullable String className) {
    return className == null
        || className.startsWith(OURS)
        || className.startsWith("jdk.internal.reflect.")
        || className.startsWith("java.lang.reflect.")
        || className.startsWith("java.lang.invoke.")
        || className.equals("java.lang.Class")
        || className.startsWith("java.lang.ClassLoader")
        || className.startsWith("com.amazonaws.services.lambda.crac.");
  }

  private static String cut(String text, int length) {
    return text.length() <= length ? text : text.substring(0, length);
  }

  private static List<String> bounded(List<String> lines) {
    List<String> kept = new ArrayList<>();
    int size = lines.size();
    for (int i = 0; i < size; i++) {
      if (i < MAX_LINES_EACH_END || i >= size - MAX_LINES_EACH_END) {
        kept.add(cut(lines.get(i), MAX_LINE_CHARACTERS));
      } else if (i == MAX_LINES_EACH_END) {
        kept.add("... " + (size - 2 * MAX_LINES_EACH_END) + " frames left out ...");
      }
    }
    return List.copyOf(kept);
  }
}
