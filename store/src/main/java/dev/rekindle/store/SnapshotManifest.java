package dev.rekindle.store;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What a snapshot consists of and what it was made for. Immutable; written once, at commit.
 *
 * @param formatVersion version of the manifest's own format, see {@link #FORMAT_VERSION}
 * @param id the snapshot's id, see {@link #isValidId(String)}
 * @param createdAt when the snapshot was committed
 * @param labels what the snapshot is of (function, version, request number); opaque to the store
 * @param requirements what a restore needs (CRIU version, kernel, processor, runtime); opaque to
 *     the store, checked by the engine
 * @param files every file, no name twice
 */
public record SnapshotManifest(
    int formatVersion,
    String id,
    Instant createdAt,
    Map<String, String> labels,
    Map<String, String> requirements,
    List<StoredFile> files) {

  /** The newest manifest format this code writes and reads. Older ones are read too. */
  public static final int FORMAT_VERSION = 1;

  /**
   * The label that says what a snapshot can stand in for: snapshots with the same identity are of
   * the same function, whichever node made them.
   */
  public static final String LABEL_IDENTITY = "identity";

  private static final Pattern IDENTITY = Pattern.compile("[a-z0-9-]{1,64}");
  private static final String NO_IDENTITY = "none";

  private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

  /**
   * Checks the parts and takes copies of the collections.
   *
   * @throws IllegalArgumentException when the version is not readable by this code, the id is not
   *     valid, or two files have one name
   */
  public SnapshotManifest {
    if (formatVersion < 1 || formatVersion > FORMAT_VERSION) {
      throw new IllegalArgumentException(
          "manifest format " + formatVersion + " is not one of 1 to " + FORMAT_VERSION);
    }
    requireId(id);
    labels = Map.copyOf(labels);
    requirements = Map.copyOf(requirements);
    files = List.copyOf(files);
    if (files.stream().map(StoredFile::name).distinct().count() != files.size()) {
      throw new IllegalArgumentException("snapshot '" + id + "' names one file twice");
    }
  }

  /** The label {@link #LABEL_IDENTITY}; {@code none} where there is none, or an ill-formed one. */
  public String identity() {
    String identity = labels.getOrDefault(LABEL_IDENTITY, NO_IDENTITY);
    return IDENTITY.matcher(identity).matches() ? identity : NO_IDENTITY;
  }

  /** Sum of the files' logical lengths in bytes; a sparse file takes less on disk. */
  public long bytes() {
    return files.stream().mapToLong(StoredFile::bytes).sum();
  }

  /**
   * Whether a string can be a snapshot's id: 1 to 63 of {@code a-z}, {@code 0-9} and {@code -}, not
   * starting with {@code -}. The length is that of a DNS label, so an id fits into host names,
   * paths and object keys alike.
   */
  public static boolean isValidId(String id) {
    return ID.matcher(id).matches();
  }

  /** Throws {@link IllegalArgumentException} unless {@link #isValidId(String)}. */
  public static void requireId(String id) {
    if (!isValidId(id)) {
      throw new IllegalArgumentException("'" + id + "' is not a snapshot id: use " + ID.pattern());
    }
  }
}
