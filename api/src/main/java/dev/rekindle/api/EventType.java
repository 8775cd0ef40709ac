package dev.rekindle.api;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What an event is about. */
public enum EventType {
  /** A function was created or updated. */
  DEPLOY,
  /** A function or a snapshot was removed. */
  DELETE,
  /** An instance booted from nothing. */
  START,
  /** An instance was restored from a snapshot. */
  RESTORE,
  /** A snapshot was made. */
  CHECKPOINT,
  /** An instance is trained with sample events, or has been. */
  TRAINING,
  /** An instance's requests are recorded, or have been. */
  RECORDING,
  /** A snapshot has come to the store that nodes share. */
  UPLOAD,
  /** A snapshot of the shared store has come to this node. */
  FETCH,
  /** An instance was stopped to free its memory, or a snapshot's files to free the disk. */
  EVICTION,
  /** A start, restore, checkpoint or function failed. */
  FAILURE;

  /** The name on the wire: this constant in lower case. */
  @JsonValue
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }
}
