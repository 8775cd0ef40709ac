package com.amazonaws.services.lambda.crac;

import java.io.Serial;

/** A checkpoint failed; the suppressed exceptions say why. */
public class CheckpointException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  /** Without words: the suppressed exceptions have them. */
  public CheckpointException() {}

  /** With the reason. */
  public CheckpointException(String message) {
    super(message);
  }
}
