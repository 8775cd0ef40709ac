package dev.rekindle.store.blob;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;

/**
 * Keeps blobs, which are bytes under a {@linkplain BlobKey key}, where several nodes may share
 * them. A blob appears whole or not at all, and is durable when a put returns. It is replaced and
 * deleted, never changed in place. What a call has written or deleted is seen by every later call
 * on any node.
 *
 * <p>A store does not know whether the bytes are right: who reads checks their digest.
 *
 * <p>Thread-safe. Every call may block on files or the network: call it on a worker thread, never
 * on an event loop. Passing failures are tried again inside, within the store's own time limits.
 * When the calling thread is interrupted, the call ends with {@link
 * BlobException.Reason#INTERRUPTED} and the thread stays interrupted. An ill-formed key is an
 * {@link IllegalArgumentException}; after {@link #close()} every call throws {@link
 * IllegalStateException}.
 */
public interface BlobStore extends AutoCloseable {

  /** When a put may take place. */
  enum Condition {
    /** In any case: an older blob under the key is replaced. */
    ALWAYS,
    /**
     * Only while there is no blob under the key. Of several such puts at once, by any node, one
     * succeeds; the others fail with {@link BlobException.Reason#ALREADY_EXISTS}.
     */
    IF_ABSENT
  }

  /** Takes what {@link #list} finds. */
  interface Listing {
    /** Takes one blob; an exception ends the listing and reaches its caller. */
    void blob(BlobInfo found) throws BlobException;
  }

  /**
   * Stores bytes.
   *
   * @throws BlobException {@link BlobException.Reason#ALREADY_EXISTS} by the condition; with any
   *     other reason the blob may be there or not
   */
  void put(String key, byte[] bytes, Condition condition) throws BlobException;

  /**
   * Stores a file's bytes; the file may be large, and must not change meanwhile.
   *
   * @throws BlobException as for {@link #put(String, byte[], Condition)}
   */
  void put(String key, Path file, Condition condition) throws BlobException;

  /**
   * Reads a whole blob.
   *
   * @param mostBytes the largest blob expected
   * @throws BlobException {@link BlobException.Reason#NOT_FOUND}; {@link
   *     BlobException.Reason#UNEXPECTED_SIZE} when the blob is larger
   */
  byte[] get(String key, int mostBytes) throws BlobException;

  /**
   * Reads a range of a blob, from an offset on, until the buffer has no space left. After a failure
   * the buffer's position is where it was, its content undefined.
   *
   * @throws BlobException {@link BlobException.Reason#NOT_FOUND}; {@link
   *     BlobException.Reason#UNEXPECTED_SIZE} when the blob ends before the range does
   */
  void get(String key, long offset, ByteBuffer target) throws BlobException;

  /** Size and time of a blob; empty when there is none. */
  Optional<BlobInfo> head(String key) throws BlobException;

  /**
   * Goes through the blobs whose key begins with a prefix, in no particular order and without
   * holding them all in memory. Blobs put or deleted meanwhile may be reported or not, all others
   * are reported once. The listing may itself put and delete.
   *
   * @param prefix the beginning of a key, not necessarily up to a {@code /}; may be empty
   */
  void list(String prefix, Listing listing) throws BlobException;

  /** Deletes a blob; one that is not there does not matter. */
  void delete(String key) throws BlobException;

  /**
   * Deletes blobs, in fewer exchanges than one by one. After a failure some may be deleted.
   *
   * @throws BlobException the first failure, once all other deletions have been tried
   */
  void deleteAll(Collection<String> keys) throws BlobException;

  /** Where the blobs are, for messages: never with credentials. */
  @Override
  String toString();

  /** Refuses further calls and gives up what the store holds. Closing twice is harmless. */
  @Override
  void close();
}
