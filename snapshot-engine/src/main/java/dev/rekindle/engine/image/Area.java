package dev.rekindle.engine.image;

import dev.rekindle.engine.criu.images.Vma;
import java.util.List;

/** What the rewriting of images has to know of one memory area of a task. */
final class Area {
  // Status bits, from CRIU's criu/include/image.h.
  static final int REGULAR = 1;
  static final int HEAP = 1 << 5;
  static final int FILE_PRIVATE = 1 << 6;
  static final int ANON_PRIVATE = 1 << 9;
  static final int GUARD = 1 << 16;

  // From linux/mman.h.
  static final int MAP_PRIVATE = 0x02;
  static final int MAP_ANONYMOUS = 0x20;
  private static final int MAP_NORESERVE = 0x4000;

  /**
   * Advice that a mapping of a file takes as well as anonymous memory does: RANDOM, SEQUENTIAL,
   * DONTFORK, HUGEPAGE, NOHUGEPAGE, DONTDUMP.
   */
  private static final long HARMLESS_ADVICE =
      1L << 1 | 1L << 2 | 1L << 10 | 1L << 14 | 1L << 15 | 1L << 16;

  private Area() {}

  /**
   * Whether an area's pages may come from a memory file: private memory, anonymous or of a file,
   * with nothing about it that we do not know. Leaving an area alone is always right.
   */
  static boolean canBeMapped(Vma vma, List<Vma> all) {
    int kind = vma.getStatus() & ~HEAP;
    boolean anonymous = isAnonymous(vma);
    boolean known =
        (kind == (REGULAR | ANON_PRIVATE) && anonymous)
            || (kind == (REGULAR | FILE_PRIVATE) && !anonymous);
    int plain = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    return known
        && (vma.getFlags() & ~plain) == 0
        && (vma.getFlags() & MAP_PRIVATE) != 0
        && (vma.getMadv() & ~HARMLESS_ADVICE) == 0
        && vma.getStart() % PageRun.PAGE == 0
        && vma.getEnd() % PageRun.PAGE == 0
        && all.stream().noneMatch(other -> isGuard(other) && overlaps(vma, other));
  }

  static boolean isAnonymous(Vma vma) {
    return (vma.getFlags() & MAP_ANONYMOUS) != 0;
  }

  private static boolean isGuard(Vma vma) {
    return (vma.getStatus() & GUARD) != 0;
  }

  private static boolean overlaps(Vma a, Vma b) {
    return a.getStart() < b.getEnd() && b.getStart() < a.getEnd();
  }

  /** A part of an area, still mapped as the area was. */
  static Vma part(Vma vma, long start, long end) {
    Vma.Builder part = vma.toBuilder().setStart(start).setEnd(end);
    if (!isAnonymous(vma)) {
      part.setPgoff(vma.getPgoff() + (start - vma.getStart()));
    }
    return part.build();
  }

  /** A part of an area as a private mapping of a file. */
  static Vma mapped(Vma vma, long start, long end, int fileId, long position) {
    return vma.toBuilder()
        .setStart(start)
        .setEnd(end)
        .setPgoff(position)
        .setShmid(Integer.toUnsignedLong(fileId))
        .setFlags(vma.getFlags() & ~MAP_ANONYMOUS)
        .setStatus((vma.getStatus() & ~ANON_PRIVATE) | FILE_PRIVATE)
        .setFdflags(0)
        .build();
  }

  /** An area as anonymous memory. */
  static Vma anonymous(Vma vma) {
    return vma.toBuilder()
        .setPgoff(0)
        .setShmid(0)
        .setFlags(vma.getFlags() | MAP_ANONYMOUS)
        .setStatus((vma.getStatus() & ~FILE_PRIVATE) | ANON_PRIVATE)
        .clearFdflags()
        .build();
  }
}
