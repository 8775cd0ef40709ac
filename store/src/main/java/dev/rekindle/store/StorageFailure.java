package dev.rekindle.store;

import dev.rekindle.store.StoreException.Reason;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;

/** Turns a failed file operation into a sentence and a cause that the caller can act on. */
public final class StorageFailure {
  private StorageFailure() {}

  /**
   * Explains a failure.
   *
   * @param action what failed, as in "committing snapshot 'a'"
   * @param root the store's root, asked for its state where the failure itself says too little
   */
  public static StoreException of(String action, Path root, IOException failure) {
    Reason reason = reason(root, failure);
    String advice =
        switch (reason) {
          case NO_SPACE -> "no space is left under " + root + "; delete snapshots or add space";
          case NOT_WRITABLE -> root + " is not writable; check its mount and permissions";
          default -> "input or output failed under " + root + "; check the disk and the kernel log";
        };
    return new StoreException(
        reason, action + " failed: " + advice + " (" + failure + ")", failure);
  }

  /** The JDK does not hand out errno, only its text, and that in the locale's language. */
  private static Reason reason(Path root, IOException failure) {
    String text = String.valueOf(failure.getMessage());
    if (text.contains("No space left on device") || text.contains("Disk quota exceeded")) {
      return Reason.NO_SPACE;
    }
    if (failure instanceof AccessDeniedException
        || failure.getCause() instanceof ReadOnlyFileSystemException
        || text.contains("Read-only file system")
        || text.contains("Operation not permitted")) {
      return Reason.NOT_WRITABLE;
    }
    try {
      var medium = Files.getFileStore(root);
      if (medium.isReadOnly()) {
        return Reason.NOT_WRITABLE;
      }
      return medium.getUsableSpace() == 0 ? Reason.NO_SPACE : Reason.IO_FAILED;
    } catch (IOException ignored) {
      return Reason.IO_FAILED;
    }
  }
}
