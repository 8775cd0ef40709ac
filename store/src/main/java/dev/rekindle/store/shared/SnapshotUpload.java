package dev.rekindle.store.shared;

import dev.rekindle.store.SnapshotManifest;
import dev.rekindle.store.StorageFailure;
import dev.rekindle.store.StoreException;
import dev.rekindle.store.StoreException.Reason;
import dev.rekindle.store.StoredFile;
import dev.rekindle.store.blob.BlobException;
import dev.rekindle.store.io.Digest;
import dev.rekindle.store.shared.ChunkManifest.Pack;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Brings one snapshot into the shared store: chunks that no pack has yet, then the manifest. May be
 * run again after a failure, and then goes on with the packs that it has stored.
 *
 * <p>Safe beside the collection because it is done within half of the collection's grace period,
 * measured by this process's own monotonic clock from the moment at which it learnt which packs
 * there are; see {@link GarbageCollection}. What takes longer begins anew.
 */
public final class SnapshotUpload {
  private final SharedSnapshots shared;
  private final SharedChunks known;
  private final Duration grace;
  private final LongSupplier nanoTime;
  private final RandomGenerator random;
  private final SnapshotManifest snapshot;
  private final Path directory;

  private @Nullable KnownChunks chunks;
  private long knownSince;
  private long bytesWritten;

  /** Uploads to one shared store. */
  public SnapshotUpload(
      SharedSnapshots shared,
      SharedChunks known,
      Duration grace,
      LongSupplier nanoTime,
      RandomGenerator random,
      SnapshotManifest snapshot,
      Path directory) {
    this.shared = shared;
    this.known = known;
    this.grace = grace;
    this.nanoTime = nanoTime;
    this.random = random;
    this.snapshot = snapshot;
    this.directory = directory;
  }

  /**
   * Uploads.
   *
   * @return what the shared store holds now
   * @throws StoreException {@link Reason#DAMAGED} when the local files are not what was committed;
   *     otherwise it may be tried again
   */
  public ChunkManifest run() throws StoreException {
    try {
      if (chunks == null || isLate()) {
        knownSince = nanoTime.getAsLong();
        chunks = known.load(snapshot.identity());
      }
      ChunkManifest manifest = store(chunks);
      if (isLate()) {
        chunks = null;
        throw new StoreException(
            Reason.UNAVAILABLE,
            "uploading snapshot '%s' took longer than half of the collection's grace period of %s; it begins anew"
                .formatted(snapshot.id(), grace));
      }
      requirePacks(manifest);
      shared.publish(manifest);
      withdrawUnlessWhole(manifest);
      return manifest;
    } catch (IOException e) {
      throw StorageFailure.of("uploading snapshot '" + snapshot.id() + "'", directory, e);
    }
  }

  /** Bytes of new packs that this upload has stored. */
  public long bytesWritten() {
    return bytesWritten;
  }

  private boolean isLate() {
    return nanoTime.getAsLong() - knownSince > grace.toNanos() / 2;
  }

  private record Key(String digest, long bytes) {}

  private record Cut(List<Integer> slots, List<Digest> digests) {}

  private ChunkManifest store(KnownChunks stored) throws IOException, StoreException {
    var writer = new PackWriter(shared.blobs(), random, stored);
    Map<Key, Cut> cuts = new HashMap<>();
    List<Cut> files = new ArrayList<>();
    try {
      for (StoredFile file : snapshot.files()) {
        var key = new Key(file.digest(), file.bytes());
        Cut cut = cuts.get(key);
        if (cut == null) {
          cut = cut(file, stored, writer);
          cuts.put(key, cut);
        }
        files.add(cut);
      }
      writer.flush();
    } finally {
      bytesWritten += writer.bytesWritten();
    }
    return manifest(files, stored);
  }

  private Cut cut(StoredFile file, KnownChunks stored, PackWriter writer)
      throws IOException, StoreException {
    var slots = new ArrayList<Integer>();
    var digests = new ArrayList<Digest>();
    String content =
        FileSlots.read(
            directory.resolve(file.name()),
            (slot, bytes, length) -> {
              Digest digest = Digest.of(bytes, 0, length);
              slots.add(slot);
              digests.add(digest);
              if (stored.find(digest) == null) {
                writer.add(digest, Arrays.copyOf(bytes, length));
              }
            });
    if (!content.equals(file.digest())) {
      throw new StoreException(
          Reason.DAMAGED,
          "snapshot '%s': file '%s' does not have the content that was committed; delete the snapshot and checkpoint again"
              .formatted(snapshot.id(), file.name()));
    }
    return new Cut(slots, digests);
  }

  private ChunkManifest manifest(List<Cut> files, KnownChunks stored) {
    var table = new ChunkTable();
    Map<String, Integer> packNumbers = new LinkedHashMap<>();
    List<Pack> packs = new ArrayList<>();
    Map<Digest, Integer> numbers = new HashMap<>();
    List<FileContent> contents = new ArrayList<>();
    for (int f = 0; f < files.size(); f++) {
      Cut cut = files.get(f);
      long fileBytes = snapshot.files().get(f).bytes();
      int[] chunkNumbers = new int[cut.slots().size()];
      for (int i = 0; i < chunkNumbers.length; i++) {
        Digest digest = cut.digests().get(i);
        Integer number = numbers.get(digest);
        if (number == null) {
          var place = Objects.requireNonNull(stored.find(digest), "stored just now");
          Integer pack = packNumbers.get(place.pack().id());
          if (pack == null) {
            pack = packs.size();
            packNumbers.put(place.pack().id(), pack);
            packs.add(place.pack());
          }
          int bytes = ChunkManifest.slotBytes(fileBytes, cut.slots().get(i));
          number = table.add(digest, bytes, pack, place.offset(), place.stored());
          numbers.put(digest, number);
        }
        chunkNumbers[i] = number;
      }
      contents.add(
          new FileContent(
              cut.slots().stream().mapToInt(Integer::intValue).toArray(), chunkNumbers));
    }
    return new ChunkManifest(snapshot, packs, table, contents);
  }

  /** Nothing is published that leans on a pack which has gone, or whose size tells of damage. */
  private void requirePacks(ChunkManifest manifest) throws StoreException {
    for (Pack pack : manifest.packs()) {
      if (!isThere(pack)) {
        chunks = null;
        known.avoid(pack.id());
        throw new StoreException(
            Reason.UNAVAILABLE,
            "uploading snapshot '%s': pack %s, which was to be shared, is gone or damaged; its chunks are stored anew"
                .formatted(snapshot.id(), pack.id()));
      }
    }
  }

  private void withdrawUnlessWhole(ChunkManifest manifest) throws StoreException {
    try {
      requirePacks(manifest);
    } catch (StoreException e) {
      shared.withdraw(snapshot.identity(), snapshot.id());
      throw e;
    }
  }

  private boolean isThere(Pack pack) throws StoreException {
    try {
      return shared
          .blobs()
          .head(SharedSnapshots.packKey(pack.id()))
          .filter(found -> found.bytes() == pack.bytes())
          .isPresent();
    } catch (BlobException e) {
      throw BlobFailure.of("looking for pack " + pack.id(), e);
    }
  }
}
