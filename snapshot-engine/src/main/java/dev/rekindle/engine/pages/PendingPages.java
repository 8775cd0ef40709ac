package dev.rekindle.engine.pages;

import java.util.Arrays;

/**
 * The pages of one address space that were dumped and are not back yet: sorted ranges of addresses,
 * each with its offset in the pages image. Follows the program's unmaps and moves. Ranges are half
 * open and page aligned. Allocates only when it grows. Not safe for several threads.
 */
final class PendingPages {
  private static final int SLACK = 64;

  private long[] starts;
  private long[] ends;
  private long[] offsets;
  private int count;

  PendingPages(long[] starts, long[] ends, long[] offsets) {
    this.count = starts.length;
    this.starts = Arrays.copyOf(starts, 2 * count + SLACK);
    this.ends = Arrays.copyOf(ends, 2 * count + SLACK);
    this.offsets = Arrays.copyOf(offsets, 2 * count + SLACK);
  }

  /** An account of its own with the same pages, for a forked child. */
  PendingPages copy() {
    return new PendingPages(
        Arrays.copyOf(starts, count), Arrays.copyOf(ends, count), Arrays.copyOf(offsets, count));
  }

  boolean isEmpty() {
    return count == 0;
  }

  int ranges() {
    return count;
  }

  long start(int i) {
    return starts[i];
  }

  long end(int i) {
    return ends[i];
  }

  /** The offset in the pages image of an address within range i. */
  long offset(int i, long address) {
    return offsets[i] + (address - starts[i]);
  }

  /** The first range that ends after the address; {@link #ranges} if there is none. */
  int firstEndingAfter(long address) {
    int low = 0;
    int high = count;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (ends[middle] > address) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /** The range that holds the address, or -1. */
  int find(long address) {
    int i = firstEndingAfter(address);
    return i < count && starts[i] <= address ? i : -1;
  }

  /** Forgets the pages from start to end. */
  void remove(long start, long end) {
    int first = firstEndingAfter(start);
    if (first == count || starts[first] >= end || start >= end) {
      return;
    }
    if (starts[first] < start) {
      if (ends[first] > end) {
        insert(first + 1, end, ends[first], offset(first, end));
        ends[first] = start;
        return;
      }
      ends[first] = start;
      first++;
    }
    int last = first;
    while (last < count && ends[last] <= end) {
      last++;
    }
    if (last < count && starts[last] < end) {
      offsets[last] = offset(last, end);
      starts[last] = end;
    }
    if (last > first) {
      shift(last, first);
    }
  }

  /** Follows a move of {@code bytes} bytes; what was at the target is forgotten. */
  void move(long from, long to, long bytes) {
    if (bytes <= 0 || from == to) {
      return;
    }
    int first = firstEndingAfter(from);
    int last = first;
    while (last < count && starts[last] < from + bytes) {
      last++;
    }
    int n = last - first;
    long[] movedStarts = new long[n];
    long[] movedEnds = new long[n];
    long[] movedOffsets = new long[n];
    for (int i = 0; i < n; i++) {
      long start = Math.max(starts[first + i], from);
      movedOffsets[i] = offset(first + i, start);
      movedStarts[i] = start - from + to;
      movedEnds[i] = Math.min(ends[first + i], from + bytes) - from + to;
    }
    remove(from, from + bytes);
    remove(to, to + bytes);
    int at = firstEndingAfter(to);
    for (int i = 0; i < n; i++) {
      insert(at + i, movedStarts[i], movedEnds[i], movedOffsets[i]);
    }
  }

  private void insert(int at, long start, long end, long offset) {
    if (count == starts.length) {
      starts = Arrays.copyOf(starts, 2 * count);
      ends = Arrays.copyOf(ends, 2 * count);
      offsets = Arrays.copyOf(offsets, 2 * count);
    }
    count++;
    shift0(at, at + 1, count - 1 - at);
    starts[at] = start;
    ends[at] = end;
    offsets[at] = offset;
  }

  /** Moves the ranges that begin at index {@code from} down to index {@code to}. */
  private void shift(int from, int to) {
    shift0(from, to, count - from);
    count -= from - to;
  }

  private void shift0(int from, int to, int n) {
    System.arraycopy(starts, from, starts, to, n);
    System.arraycopy(ends, from, ends, to, n);
    System.arraycopy(offsets, from, offsets, to, n);
  }
}
