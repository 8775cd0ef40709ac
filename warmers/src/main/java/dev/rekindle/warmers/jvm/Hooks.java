package dev.rekindle.warmers.jvm;

import com.amazonaws.services.lambda.crac.CheckpointException;
import com.amazonaws.services.lambda.crac.Core;
import com.amazonaws.services.lambda.crac.RestoreException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.UndeclaredThrowableException;

/** Runs the hooks that the function registered. */
final class Hooks {
  private Hooks() {}

  /** Throws what the first hook that failed threw; the others' are suppressed in it. */
  static void beforeCheckpoint() throws Throwable {
    try {
      Core.getGlobalContext().beforeCheckpoint(Core.getGlobalContext());
    } catch (CheckpointException e) {
      throw own(e);
    }
  }

  /** Throws what the first hook that failed threw; the others' are suppressed in it. */
  static void afterRestore() throws Throwable {
    try {
      Core.getGlobalContext().afterRestore(Core.getGlobalContext());
    } catch (RestoreException e) {
      throw own(e);
    }
  }

  /** The function's own exception, out of the covers that contexts and proxies put around it. */
  private static Throwable own(Throwable thrown) {
    Throwable[] inside = thrown.getSuppressed();
    String name = thrown.getClass().getSimpleName();
    if (inside.length > 0
        && (name.equals("CheckpointException") || name.equals("RestoreException"))) {
      Throwable first = own(inside[0]);
      for (int i = 1; i < inside.length; i++) {
        Throwable other = own(inside[i]);
        if (other != first) { // nothing can be suppressed in itself
          first.addSuppressed(other);
        }
      }
      return first;
    }
    if (thrown.getCause() != null
        && (thrown instanceof InvocationTargetException
            || thrown instanceof UndeclaredThrowableException)) {
      return own(thrown.getCause());
    }
    return thrown;
  }
}
