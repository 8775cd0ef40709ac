package dev.rekindle.store.shared;

import dev.rekindle.store.SnapshotManifest;
import java.util.List;

/**
 * A snapshot as the shared store keeps it: the manifest of its files, and for each file the chunks
 * that it consists of.
 *
 * @param snapshot what the snapshot is and which files it has
 * @param packs the packs that hold its chunks
 * @param chunks its distinct chunks
 * @param files the content of each file, in the order of the manifest's files
 */
public record ChunkManifest(
    SnapshotManifest snapshot, List<Pack> packs, ChunkTable chunks, List<FileContent> files) {

  /**
   * Bytes of a slot, the unit that files are cut into: slot n begins at n times this. Four pages:
   * of ten successive snapshots of one function the tenth adds 6 % of a full one (20 % with 64 KiB,
   * 79 % with 1 MiB), while a function's memory compresses as well as in larger pieces (measured;
   * see docs/decisions/store.md, S-03).
   */
  public static final int SLOT_BYTES = 16 << 10;

  /**
   * A blob of many chunks, one after the other.
   *
   * @param id its name, 32 lower-case hex digits; made at random, so that a pack that is about to
   *     be collected is never written again
   * @param bytes its size
   */
  record Pack(String id, int bytes) {}

  public ChunkManifest {
    packs = List.copyOf(packs);
    files = List.copyOf(files);
  }

  /** Bytes of all its distinct chunks in their packs, those that it shares with others included. */
  public long storedBytes() {
    long sum = 0;
    for (int chunk = 0; chunk < chunks.size(); chunk++) {
      sum += chunks.stored(chunk);
    }
    return sum;
  }

  /** The length of a slot of a file: shorter at the file's end. */
  static int slotBytes(long fileBytes, int slot) {
    return (int) Math.min(SLOT_BYTES, fileBytes - (long) slot * SLOT_BYTES);
  }

  /** How many slots a file has. */
  static int slots(long fileBytes) {
    return Math.toIntExact((fileBytes + SLOT_BYTES - 1) / SLOT_BYTES);
  }
}
