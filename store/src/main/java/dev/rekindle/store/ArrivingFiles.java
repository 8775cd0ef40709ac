package dev.rekindle.store;

import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * The files of a snapshot that are on their way to this node. They have their full length from the
 * beginning; what has not arrived reads as zeros, so ask before you read. Safe for use by many
 * threads; nothing here blocks.
 */
public interface ArrivingFiles {

  /**
   * Whether a part of a file is there to be read. If not, it is fetched at once.
   *
   * @param ready run on any thread when it is worth asking again; only after false was returned
   * @throws StoreException if it will not come; asking again may have it tried again
   */
  boolean isThere(FileRange range, Runnable ready) throws StoreException;

  /**
   * Fetches parts of files in as few reads as possible, several at once.
   *
   * @return completes when all of it is there; fails with a {@link StoreException}
   */
  CompletionStage<Void> fetch(List<FileRange> ranges);

  /**
   * Begins to fetch all that is missing, after what is asked for meanwhile. Once all is there the
   * snapshot is one of this node's own, and this never asks for anything again.
   */
  void fetchRest();

  /** Bytes that were read from the shared store for these files so far. */
  long bytesFetched();
}
