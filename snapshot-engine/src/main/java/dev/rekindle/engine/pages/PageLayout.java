package dev.rekindle.engine.pages;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.rekindle.engine.criu.images.PagemapEntry;
import dev.rekindle.engine.criu.images.PagemapHead;
import dev.rekindle.engine.image.ImageFile;
import dev.rekindle.engine.image.PageRun;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Which pages of one address space a dump left for lazy restore, and where they lie in the pages
 * image: CRIU's {@code pagemap-<pid>.img}. Pages that are absent here read as zeros or were put
 * back by CRIU itself.
 */
final class PageLayout {
  static final int PAGE_BYTES = 4096;

  private final int pagesId;
  private final long[] starts;
  private final long[] ends;
  private final long[] offsets;
  private final WipedAreas wiped;
  private final long pages;

  private PageLayout(int pagesId, long[] starts, long[] ends, long[] offsets, WipedAreas wiped) {
    this.wiped = wiped;
    this.pagesId = pagesId;
    this.starts = starts;
    this.ends = ends;
    this.offsets = offsets;
    long bytes = 0;
    for (int i = 0; i < starts.length; i++) {
      bytes += ends[i] - starts[i];
    }
    this.pages = bytes / PAGE_BYTES;
  }

  /**
   * Reads the layout of a task's memory.
   *
   * @param pid the task's pid in the image
   * @throws PageSourceException if the image is missing or damaged
   */
  static PageLayout read(Path images, int pid) {
    Path file = images.resolve("pagemap-" + pid + ".img");
    try {
      WipedAreas wiped = WipedAreas.read(images, pid);
      return parse(ByteBuffer.wrap(Files.readAllBytes(file)), file, wiped);
    } catch (InvalidProtocolBufferException e) {
      throw damaged(file, e.toString());
    } catch (IOException e) {
      throw new PageSourceException(
          PageSourceException.Cause.MISSING, file + " cannot be read: " + e);
    }
  }

  private static PageLayout parse(ByteBuffer image, Path file, WipedAreas wiped)
      throws InvalidProtocolBufferException {
    image.order(ByteOrder.LITTLE_ENDIAN);
    if (image.remaining() < 8
        || image.getInt() != ImageFile.COMMON
        || image.getInt() != ImageFile.PAGEMAP) {
      throw damaged(file, "it does not begin as a pagemap does");
    }
    PagemapHead head = PagemapHead.parseFrom(next(image, file));
    long[] starts = new long[64];
    long[] ends = new long[64];
    long[] offsets = new long[64];
    int count = 0;
    long offset = 0;
    long last = 0;
    while (image.hasRemaining()) {
      PagemapEntry entry = PagemapEntry.parseFrom(next(image, file));
      long start = entry.getVaddr();
      long entryPages = entry.hasNrPages() ? entry.getNrPages() : entry.getCompatNrPages();
      int flags = entry.hasFlags() ? entry.getFlags() : PageRun.PRESENT;
      if (entry.getInParent() || (flags & PageRun.IN_PARENT) != 0) {
        throw damaged(file, "it is part of a chain of dumps");
      }
      if (start < last
          || start % PAGE_BYTES != 0
          || entryPages <= 0
          || entryPages > (Long.MAX_VALUE - start) / PAGE_BYTES) {
        throw damaged(file, "its ranges overlap or overflow");
      }
      last = start + entryPages * PAGE_BYTES;
      if ((flags & PageRun.PRESENT) == 0) {
        continue;
      }
      if ((flags & PageRun.LAZY) != 0) {
        if (count == starts.length) {
          starts = Arrays.copyOf(starts, 2 * count);
          ends = Arrays.copyOf(ends, 2 * count);
          offsets = Arrays.copyOf(offsets, 2 * count);
        }
        starts[count] = start;
        ends[count] = last;
        offsets[count++] = offset;
      }
      offset += entryPages * PAGE_BYTES;
    }
    return new PageLayout(
        head.getPagesId(),
        Arrays.copyOf(starts, count),
        Arrays.copyOf(ends, count),
        Arrays.copyOf(offsets, count),
        wiped);
  }

  private static ByteBuffer next(ByteBuffer image, Path file) {
    int bytes = image.remaining() < 4 ? -1 : image.getInt();
    if (bytes < 0 || bytes > image.remaining()) {
      throw damaged(file, "it is cut short");
    }
    ByteBuffer entry = image.slice(image.position(), bytes);
    image.position(image.position() + bytes);
    return entry;
  }

  private static PageSourceException damaged(Path file, String why) {
    return new PageSourceException(
        PageSourceException.Cause.DAMAGED,
        "%s is damaged: %s; remove the snapshot".formatted(file, why));
  }

  /** The number of the pages image. */
  int pagesId() {
    return pagesId;
  }

  /** How many pages are left for lazy restore. */
  long pages() {
    return pages;
  }

  /** A fresh account of all of them as not yet restored. */
  PendingPages pending() {
    return new PendingPages(starts, ends, offsets);
  }

  /** The account of a forked child, given its parent's. */
  PendingPages afterFork(PendingPages parent) {
    PendingPages child = parent.copy();
    wiped.removeFrom(child);
    return child;
  }

  /** The range that holds an offset of the pages image, or -1 if that was no lazy page. */
  int rangeAtOffset(long offset) {
    int i = Arrays.binarySearch(offsets, offset);
    i = i >= 0 ? i : -i - 2;
    return i >= 0 && offset < offsets[i] + (ends[i] - starts[i]) ? i : -1;
  }

  /** The address, at dump time, of the page at an offset within range i. */
  long addressOf(int i, long offset) {
    return starts[i] + (offset - offsets[i]);
  }

  /** The end of range i in the pages image. */
  long endOffset(int i) {
    return offsets[i] + (ends[i] - starts[i]);
  }
}
