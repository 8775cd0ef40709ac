package com.amazonaws.services.lambda.crac;

import java.io.Serial;

/** A restore failed; the suppressed exceptions say why. */
public class RestoreException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  /** Without words: the suppressed exceptions have them. */
  public RestoreException() {}

  /** With the reason. */
  public RestoreException(String message) {
    super(message);
  }
}
