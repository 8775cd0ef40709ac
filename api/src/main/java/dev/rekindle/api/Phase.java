package dev.rekindle.api;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** A part of the time that an invocation took, as named in {@link Headers#SERVER_TIMING}. */
public enum Phase {
  /** Waiting for an instance or for room to start one. */
  QUEUE,
  /** Making the snapshot's files readable on this node. */
  FETCH,
  /** Restoring an instance from a snapshot, until it takes events. */
  RESTORE,
  /** Booting an instance from nothing, until it takes events. */
  BOOT,
  /** From handing the event to the function until its answer is there. */
  HANDLER,
  /** From the request's arrival to its reply. */
  TOTAL;

  /** The metric's name in the header. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The phase with that name in the header, or empty if this version knows none. */
  public static Optional<Phase> find(String wire) {
    return Arrays.stream(values()).filter(phase -> phase.wire().equals(wire)).findFirst();
  }
}
