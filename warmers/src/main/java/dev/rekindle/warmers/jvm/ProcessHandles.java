package dev.rekindle.warmers.jvm;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.Optional;

/**
 * Handles of processes that were frozen too. The kernel gives restored processes another start
 * time, and the JDK takes a process of another start time for a stranger that got the same pid: it
 * would call it dead and not end it.
 */
final class ProcessHandles {
  static final String TYPE = "java.lang.ProcessHandleImpl";

  private ProcessHandles() {}

  /** What gives a handle the new start time; empty if its process has ended already. */
  static Optional<Renewable> of(ProcessHandle handle) throws ReflectiveOperationException {
    if (!handle.isAlive()) {
      return Optional.empty();
    }
    Field startTime = JdkInternals.field(handle.getClass(), "startTime");
    Method now = JdkInternals.method(handle.getClass(), "isAlive0", long.class);
    return Optional.of(
        seeds -> {
          long started = (long) now.invoke(null, handle.pid());
          if (started >= 0) {
            startTime.setLong(handle, started);
          }
        });
  }
}
