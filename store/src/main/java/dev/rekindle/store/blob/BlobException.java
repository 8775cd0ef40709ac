package dev.rekindle.store.blob;

import org.jspecify.annotations.Nullable;

/** A blob store's operation failed. The message says what failed, on what, and what to do. */
public final class BlobException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Why a blob store's operation failed. */
  public enum Reason {
    /** There is no blob by that key. */
    NOT_FOUND,
    /** There is a blob by that key, and the put was to be the first. */
    ALREADY_EXISTS,
    /** The blob is larger or smaller than the caller asked for. */
    UNEXPECTED_SIZE,
    /** The store cannot be reached, or fails; it may work later. */
    UNAVAILABLE,
    /** The store did not answer in time; it may work later. */
    TIMEOUT,
    /** Credentials are missing, wrong or expired, or lack the right. */
    ACCESS_DENIED,
    /** The medium or a quota is full. */
    NO_SPACE,
    /** The store's settings do not fit: no such bucket, a wrong region, an unknown protocol. */
    MISCONFIGURED,
    /** The thread that called was interrupted. */
    INTERRUPTED,
    /** The store failed in another way. */
    IO_FAILED;

    /** Whether the same call may succeed later without anybody's doing. */
    public boolean isPassing() {
      return this == UNAVAILABLE || this == TIMEOUT;
    }
  }

  private final Reason reason;

  /** A failure with its reason. */
  public BlobException(Reason reason, String message) {
    this(reason, message, null);
  }

  /** A failure with its reason. */
  public BlobException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** Why it failed, for callers that act on it. */
  public Reason reason() {
    return reason;
  }
}
