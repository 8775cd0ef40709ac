package dev.rekindle.store;

import org.jspecify.annotations.Nullable;

/** A store's operation failed. The message says what failed, on which thing, and what to do. */
public final class StoreException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Why a store's operation failed. */
  public enum Reason {
    /** There is no usable snapshot by that id. */
    NOT_FOUND,
    /** The id is taken: by a snapshot, a draft, or a deleted snapshot that a lease still holds. */
    ALREADY_EXISTS,
    /** Another store, in this process or another one, owns the storage. */
    IN_USE,
    /** The draft holds something that cannot be part of a snapshot. */
    INVALID_DRAFT,
    /** A file or the manifest is missing, too many, or not what was committed. */
    DAMAGED,
    /** A newer release wrote the snapshot. */
    UNSUPPORTED_FORMAT,
    /** The medium or a quota is full. */
    NO_SPACE,
    /** The medium is read-only or permission is lacking. */
    NOT_WRITABLE,
    /** The store that nodes share cannot be reached; the snapshot itself may be sound. */
    UNAVAILABLE,
    /** The medium failed in another way; the snapshot itself may be sound. */
    IO_FAILED
  }

  private final Reason reason;

  /** A failure with its reason. */
  public StoreException(Reason reason, String message) {
    this(reason, message, null);
  }

  /** A failure with its reason. */
  public StoreException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** Why it failed, for callers that act on it. */
  public Reason reason() {
    return reason;
  }
}
