package dev.rekindle.store.shared;

import dev.rekindle.store.StoreException;
import dev.rekindle.store.StoreException.Reason;
import dev.rekindle.store.blob.BlobException;

/** Turns a blob store's failure into one of the snapshot store's. */
public final class BlobFailure {
  private BlobFailure() {}

  /**
   * Explains a failure.
   *
   * @param action what failed, as in "publishing snapshot 'a'"
   */
  public static StoreException of(String action, BlobException failure) {
    Reason reason =
        switch (failure.reason()) {
          case NOT_FOUND -> Reason.NOT_FOUND;
          case ALREADY_EXISTS -> Reason.ALREADY_EXISTS;
          case UNEXPECTED_SIZE -> Reason.DAMAGED;
          case NO_SPACE -> Reason.NO_SPACE;
          case ACCESS_DENIED -> Reason.NOT_WRITABLE;
          case UNAVAILABLE, TIMEOUT, INTERRUPTED, MISCONFIGURED -> Reason.UNAVAILABLE;
          case IO_FAILED -> Reason.IO_FAILED;
        };
    return new StoreException(reason, action + " failed: " + failure.getMessage(), failure);
  }
}
