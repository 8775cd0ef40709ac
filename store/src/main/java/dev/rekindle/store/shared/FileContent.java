package dev.rekindle.store.shared;

import java.util.Arrays;

/** What a file consists of: its slots that are not all zeros, each with its chunk. */
public final class FileContent {
  private final int[] slots;
  private final int[] chunks;

  /**
   * Takes both arrays over.
   *
   * @param slots numbers of slots, rising
   * @param chunks for each of these the number of its chunk in the snapshot's table
   */
  FileContent(int[] slots, int[] chunks) {
    if (slots.length != chunks.length) {
      throw new IllegalArgumentException(slots.length + " slots, " + chunks.length + " chunks");
    }
    this.slots = slots;
    this.chunks = chunks;
  }

  /** How many slots hold something. */
  public int size() {
    return slots.length;
  }

  /** The number of the i-th of these slots. */
  public int slot(int i) {
    return slots[i];
  }

  /** The chunk of the i-th of these slots. */
  public int chunk(int i) {
    return chunks[i];
  }

  /** Where slots from this number on begin: an index for the methods above, or the size. */
  public int from(int slot) {
    int i = Arrays.binarySearch(slots, slot);
    return i >= 0 ? i : -i - 1;
  }
}
