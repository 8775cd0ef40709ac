package dev.rekindle.store.shared;

import dev.rekindle.store.ManifestJson.MalformedManifest;
import dev.rekindle.store.ManifestJson.NewerManifest;
import dev.rekindle.store.StoreException;
import dev.rekindle.store.StoreException.Reason;
import dev.rekindle.store.blob.BlobException;
import dev.rekindle.store.blob.BlobInfo;
import dev.rekindle.store.blob.BlobStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How snapshots lie in a blob store that nodes share:
 *
 * <ul>
 *   <li>{@code snapshots/IDENTITY/ID/manifest}: a {@link ChunkManifest}; the snapshot exists while
 *       this does
 *   <li>{@code snapshots/IDENTITY/ID/NAME}: small records about it, replaced at will
 *   <li>{@code packs/XX/PACK}: chunks, one after the other; written once
 *   <li>{@code condemned/PACK}: the pack had no snapshot when this was written, see {@link
 *       GarbageCollection}
 *   <li>{@code clock/ID}: written to learn the store's time
 * </ul>
 */
public final class SharedSnapshots {
  /** A working set of a million ranges, which is far above any. */
  private static final int MOST_RECORD_BYTES = 32 << 20;

  private static final String SNAPSHOTS = "snapshots/";
  private static final String PACKS = "packs/";
  private static final String CONDEMNED = "condemned/";
  private static final String MANIFEST = "manifest";
  private static final Pattern MANIFEST_KEY =
      Pattern.compile("snapshots/([a-z0-9-]{1,64})/([a-z0-9-]{1,63})/manifest");
  private static final Pattern PACK_KEY = Pattern.compile("packs/[0-9a-f]{2}/([0-9a-f]{32})");

  private final BlobStore blobs;

  /** The snapshots of a blob store. */
  public SharedSnapshots(BlobStore blobs) {
    this.blobs = blobs;
  }

  /**
   * A snapshot that is in the store.
   *
   * @param identity what it can stand in for
   * @param id its id
   * @param manifest its manifest's blob
   */
  public record Entry(String identity, String id, BlobInfo manifest) {}

  /** The blob store below. */
  public BlobStore blobs() {
    return blobs;
  }

  /** The snapshots of one identity. */
  public List<Entry> list(String identity) throws StoreException {
    return entries(SNAPSHOTS + identity + "/");
  }

  /** All snapshots. */
  public List<Entry> list() throws StoreException {
    return entries(SNAPSHOTS);
  }

  private List<Entry> entries(String prefix) throws StoreException {
    var found = new ArrayList<Entry>();
    try {
      blobs.list(
          prefix,
          blob -> {
            Matcher key = MANIFEST_KEY.matcher(blob.key());
            if (key.matches()) {
              found.add(new Entry(key.group(1), key.group(2), blob));
            }
          });
      return found;
    } catch (BlobException e) {
      throw BlobFailure.of("listing snapshots", e);
    }
  }

  /** All packs by id. */
  Map<String, BlobInfo> packs() throws StoreException {
    return byName(PACKS, PACK_KEY);
  }

  /** The packs that are condemned, by id, with the blobs that say so. */
  Map<String, BlobInfo> condemned() throws StoreException {
    return byName(CONDEMNED, Pattern.compile("condemned/([0-9a-f]{32})"));
  }

  private Map<String, BlobInfo> byName(String prefix, Pattern pattern) throws StoreException {
    var found = new HashMap<String, BlobInfo>();
    try {
      blobs.list(
          prefix,
          blob -> {
            Matcher key = pattern.matcher(blob.key());
            if (key.matches()) {
              found.put(key.group(1), blob);
            }
          });
      return found;
    } catch (BlobException e) {
      throw BlobFailure.of("listing " + prefix, e);
    }
  }

  /**
   * Reads a snapshot's manifest.
   *
   * @throws StoreException {@link Reason#NOT_FOUND}, {@link Reason#DAMAGED}, {@link
   *     Reason#UNSUPPORTED_FORMAT}, {@link Reason#UNAVAILABLE}
   */
  ChunkManifest read(String identity, String id) throws StoreException {
    String what = "snapshot '" + id + "' in " + blobs;
    try {
      var manifest =
          ChunkManifestFormat.read(
              blobs.get(key(identity, id, MANIFEST), ChunkManifestFormat.MOST_BYTES));
      if (!manifest.snapshot().id().equals(id)
          || !manifest.snapshot().identity().equals(identity)) {
        throw new StoreException(
            Reason.DAMAGED,
            what
                + ": its manifest is that of '"
                + manifest.snapshot().id()
                + "'; delete the snapshot and checkpoint again");
      }
      return manifest;
    } catch (BlobException e) {
      throw BlobFailure.of("reading the manifest of " + what, e);
    } catch (MalformedManifest e) {
      throw new StoreException(
          Reason.DAMAGED,
          what
              + ": its manifest cannot be read: "
              + e.getMessage()
              + "; delete the snapshot and checkpoint again");
    } catch (NewerManifest e) {
      throw new StoreException(
          Reason.UNSUPPORTED_FORMAT,
          what
              + " was written by a newer release: "
              + e.getMessage()
              + ", this one reads up to "
              + ChunkManifestFormat.VERSION
              + "; update this node");
    }
  }

  /** Makes a snapshot visible to all nodes. All its packs must be there. */
  void publish(ChunkManifest manifest) throws StoreException {
    String id = manifest.snapshot().id();
    try {
      blobs.put(
          key(manifest.snapshot().identity(), id, MANIFEST),
          ChunkManifestFormat.write(manifest),
          BlobStore.Condition.ALWAYS);
    } catch (BlobException e) {
      throw BlobFailure.of("publishing snapshot '" + id + "'", e);
    }
  }

  /** Removes a snapshot; its packs are left to the collection. */
  public void withdraw(String identity, String id) throws StoreException {
    try {
      // First of all: without it the rest is nobody's.
      blobs.delete(key(identity, id, MANIFEST));
      var rest = new ArrayList<String>();
      blobs.list(SNAPSHOTS + identity + "/" + id + "/", blob -> rest.add(blob.key()));
      blobs.deleteAll(rest);
    } catch (BlobException e) {
      throw BlobFailure.of("removing snapshot '" + id + "'", e);
    }
  }

  /** Keeps a small record beside a snapshot. */
  public void attach(String identity, String id, String name, byte[] record) throws StoreException {
    try {
      blobs.put(key(identity, id, name), record, BlobStore.Condition.ALWAYS);
    } catch (BlobException e) {
      throw BlobFailure.of("keeping '" + name + "' of snapshot '" + id + "'", e);
    }
  }

  /** A record beside a snapshot, if there is one by that name. */
  public Optional<byte[]> attachment(String identity, String id, String name)
      throws StoreException {
    try {
      return Optional.of(blobs.get(key(identity, id, name), MOST_RECORD_BYTES));
    } catch (BlobException e) {
      if (e.reason() == BlobException.Reason.NOT_FOUND) {
        return Optional.empty();
      }
      throw BlobFailure.of("reading '" + name + "' of snapshot '" + id + "'", e);
    }
  }

  /**
   * The store's time: that of a blob written right now. Ages are told by it, so that the clocks of
   * nodes do not matter.
   *
   * @param node keeps nodes from replacing each other's blob
   */
  Instant now(String node) throws StoreException {
    String key = "clock/" + node;
    try {
      blobs.put(key, new byte[] {'t'}, BlobStore.Condition.ALWAYS);
      Instant now =
          blobs
              .head(key)
              .orElseThrow(
                  () ->
                      new StoreException(
                          Reason.IO_FAILED, blobs + " does not have what was just written: " + key))
              .modified();
      blobs.delete(key);
      return now;
    } catch (BlobException e) {
      throw BlobFailure.of("asking " + blobs + " for its time", e);
    }
  }

  static String packKey(String pack) {
    return PACKS + pack.substring(0, 2) + "/" + pack;
  }

  static String condemnedKey(String pack) {
    return CONDEMNED + pack;
  }

  private static String key(String identity, String id, String name) {
    return SNAPSHOTS + identity + "/" + id + "/" + name;
  }
}
