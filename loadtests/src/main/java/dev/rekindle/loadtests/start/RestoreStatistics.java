package dev.rekindle.loadtests.start;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * What CRIU says of a restore in its file {@code stats-restore}: two magic numbers, the length of
 * one protobuf message, and the message {@code stats_entry} of CRIU's images/stats.proto.
 *
 * @param restoreMs what the restore took, without the start of the program, in milliseconds
 * @param pagesBytes memory that it read from the images, in bytes
 */
public record RestoreStatistics(double restoreMs, long pagesBytes) {
  /** Its name in CRIU's work directory. */
  static final String FILE = "stats-restore";

  /** The service magic and the magic of this file (CRIU's include/magic.h). */
  private static final int SERVICE_MAGIC = 0x55105940;

  private static final int STATS_MAGIC = 0x57093306;
  private static final int HEADER_BYTES = 12;

  /** Field {@code restore} of {@code stats_entry}, as a length-delimited tag. */
  private static final int RESTORE_TAG = 2 << 3 | 2;

  /** Fields of {@code restore_stats_entry}: all of them are varints. */
  private static final int RESTORE_TIME_US = 4;

  private static final int PAGES_RESTORED = 5;
  private static final int PAGE_BYTES = 4_096;

  /** Reads a file, or nothing if it is not whole. */
  public static Optional<RestoreStatistics> parse(byte[] file) {
    ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    if (in.remaining() < HEADER_BYTES
        || in.getInt() != SERVICE_MAGIC
        || in.getInt() != STATS_MAGIC
        || in.getInt() != in.remaining()
        || varint(in) != RESTORE_TAG
        || varint(in) != in.remaining()) {
      return Optional.empty();
    }
    long micros = 0;
    long pages = 0;
    while (in.hasRemaining()) {
      long tag = varint(in);
      long value = varint(in);
      switch ((int) (tag >>> 3)) {
        case RESTORE_TIME_US -> micros = value;
        case PAGES_RESTORED -> pages = value;
        default -> {}
      }
    }
    return Optional.of(new RestoreStatistics(micros / 1e3, pages * PAGE_BYTES));
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; in.hasRemaining() && shift < Long.SIZE; shift += 7) {
      byte next = in.get();
      value |= (next & 0x7FL) << shift;
      if (next >= 0) {
        return value;
      }
    }
    return -1;
  }
}
