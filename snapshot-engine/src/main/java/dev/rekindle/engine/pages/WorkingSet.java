package dev.rekindle.engine.pages;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.zip.CRC32;

/**
 * The parts of a snapshot's pages images that an instance needed between its restore and its first
 * response. It only says what to bring first: a wrong one costs time, never bytes.
 *
 * @param ranges sorted, apart from each other
 */
public record WorkingSet(List<Range> ranges) {
  private static final String HEADER = "rekindle-working-set 1";

  /** Far above what a function touches; stops a damaged file from filling memory. */
  private static final int MAX_RANGES = 1 << 20;

  /** Ranges nearer than this become one: a page copied in vain is cheaper than a call. */
  private static final long GAP_BYTES = 4L * PageLayout.PAGE_BYTES;

  /**
   * A stretch of a pages image.
   *
   * @param pagesId the number in the image's name
   * @param offset where it begins, in bytes, a multiple of the page size
   * @param bytes its length, a positive multiple of the page size
   */
  public record Range(int pagesId, long offset, long bytes) {
    /** Checks alignment and overflow. */
    public Range {
      if (pagesId < 0
          || offset < 0
          || bytes <= 0
          || offset % PageLayout.PAGE_BYTES != 0
          || bytes % PageLayout.PAGE_BYTES != 0
          || offset > Long.MAX_VALUE - bytes) {
        throw new IllegalArgumentException(
            "not a range of pages: %d %d %d".formatted(pagesId, offset, bytes));
      }
    }

    private long end() {
      return offset + bytes;
    }
  }

  /** Sorts and joins the ranges. */
  public WorkingSet {
    List<Range> joined = new ArrayList<>();
    List<Range> sorted = new ArrayList<>(ranges);
    sorted.sort(Comparator.comparingInt(Range::pagesId).thenComparingLong(Range::offset));
    for (Range range : sorted) {
      Range last = joined.isEmpty() ? null : joined.get(joined.size() - 1);
      if (last != null
          && last.pagesId() == range.pagesId()
          && range.offset() - last.end() <= GAP_BYTES) {
        long end = Math.max(last.end(), range.end());
        joined.set(
            joined.size() - 1, new Range(last.pagesId(), last.offset(), end - last.offset()));
      } else {
        joined.add(range);
      }
    }
    ranges = List.copyOf(joined);
  }

  /** How many bytes it covers. */
  public long bytes() {
    return ranges.stream().mapToLong(Range::bytes).sum();
  }

  /** All that this one or the other holds. */
  public WorkingSet plus(WorkingSet other) {
    List<Range> both = new ArrayList<>(ranges);
    both.addAll(other.ranges);
    return new WorkingSet(both);
  }

  /** Its text, with a checksum: what {@link #parse} reads. */
  public byte[] toBytes() {
    StringBuilder text = new StringBuilder(HEADER).append('\n');
    for (Range r : ranges) {
      text.append(r.pagesId()).append(' ').append(r.offset()).append(' ').append(r.bytes());
      text.append('\n');
    }
    long checksum = checksum(text.toString());
    text.append("crc32 ").append(Long.toHexString(checksum)).append('\n');
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Reads what {@link #toBytes} made.
   *
   * @throws IOException if it is damaged: do without, and record it anew
   */
  public static WorkingSet parse(byte[] bytes) throws IOException {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int end = text.lastIndexOf("crc32 ");
    if (end < 0 || !text.substring(end).equals("crc32 %x\n".formatted(checksum(text, end)))) {
      throw damaged("its checksum does not match");
    }
    List<String> lines = text.substring(0, end).lines().toList();
    if (!lines.get(0).equals(HEADER) || lines.size() > MAX_RANGES) {
      throw damaged("it has another format");
    }
    List<Range> ranges = new ArrayList<>();
    try {
      for (String line : lines.subList(1, lines.size())) {
        String[] n = line.split(" ", 3);
        ranges.add(new Range(Integer.parseInt(n[0]), Long.parseLong(n[1]), Long.parseLong(n[2])));
      }
    } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
      throw damaged(e.toString());
    }
    return new WorkingSet(ranges);
  }

  private static long checksum(String text) {
    return checksum(text, text.length());
  }

  private static long checksum(String text, int end) {
    CRC32 crc = new CRC32();
    crc.update(text.substring(0, end).getBytes(StandardCharsets.ISO_8859_1));
    return crc.getValue();
  }

  private static IOException damaged(String why) {
    return new IOException("the working set is damaged (%s): it is recorded anew".formatted(why));
  }
}
