package dev.rekindle.warmers.jvm;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A failure whose type is the platform's, such as Runtime.MarshalError. */
final class FaultException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  private final String type;

  FaultException(String type, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.type = type;
  }

  String type() {
    return type;
  }
}
