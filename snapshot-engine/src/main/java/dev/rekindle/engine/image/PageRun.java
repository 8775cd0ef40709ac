package dev.rekindle.engine.image;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Neighbouring pages that were dumped.
 *
 * @param address of the first byte
 * @param bytes a multiple of the page size
 * @param position of the first byte in the pages file
 * @param flags CRIU's
 * @param older the pages file of an older snapshot that holds them; null for the dump's own
 */
public record PageRun(long address, long bytes, long position, int flags, @Nullable Path older) {
  /** The page size of the architectures that CRIU images of this engine come from. */
  public static final int PAGE = 4096;

  /** CRIU's PE_PARENT: the content is in an older image, which this engine never makes. */
  public static final int IN_PARENT = 1;

  /** CRIU's PE_LAZY. */
  public static final int LAZY = 2;

  /** CRIU's PE_PRESENT: the content is in the pages file. */
  public static final int PRESENT = 4;

  long end() {
    return address + bytes;
  }

  /** The part within a range that it overlaps. */
  PageRun clip(long from, long to) {
    long start = Math.max(address, from);
    long offset = position + (start - address);
    return new PageRun(start, Math.min(end(), to) - start, offset, flags, older);
  }
}
