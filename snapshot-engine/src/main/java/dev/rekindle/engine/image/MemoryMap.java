package dev.rekindle.engine.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The table of mapped memory that a sandbox's init reads to keep discarded memory right: lines of
 * START END PAGES-ID POSITION BYTES FILE-OFFSET FILE, in hexadecimal; FILE is - for memory that was
 * anonymous (adoption_filter.c reads it).
 */
final class MemoryMap {
  private static final String NAME = "memory.map";

  private static final int FIELDS = 7;
  private static final int HEXADECIMAL = 16;

  /**
   * A mapped stretch.
   *
   * @param pagesFile the name of the file that holds it
   * @param position of its first byte there
   * @param bytes its length
   * @param fileOffset of its first byte in the file below
   * @param file whose private mapping it was; empty if it was anonymous
   */
  record Entry(
      String pagesFile, long position, long bytes, long fileOffset, Optional<String> file) {}

  private final List<String> lines = new ArrayList<>();

  /**
   * Adds a mapped stretch.
   *
   * @param file the file whose private mapping it was, or null
   */
  void add(Cluster cluster, int pagesId, long position, @Nullable String file) {
    long offset = cluster.area().getPgoff() + (cluster.start() - cluster.area().getStart());
    lines.add(
        "%x %x %x %x %x %x %s\n"
            .formatted(
                cluster.area().getStart(),
                cluster.area().getEnd(),
                pagesId,
                position,
                cluster.end() - cluster.start(),
                file == null ? 0 : offset,
                file == null ? "-" : file));
  }

  void write(Path mapped) throws IOException {
    Files.writeString(mapped.resolve(NAME), String.join("", lines));
  }

  /** Reads the table of a snapshot. */
  static List<Entry> read(Path mapped) throws IOException {
    List<Entry> entries = new ArrayList<>();
    for (String line : Files.readAllLines(mapped.resolve(NAME))) {
      String[] fields = line.split(" ", FIELDS);
      try {
        entries.add(
            new Entry(
                Pagemap.pagesName(Integer.parseUnsignedInt(fields[2], HEXADECIMAL)),
                Long.parseUnsignedLong(fields[3], HEXADECIMAL),
                Long.parseUnsignedLong(fields[4], HEXADECIMAL),
                Long.parseUnsignedLong(fields[5], HEXADECIMAL),
                Optional.of(fields[6]).filter(name -> !name.equals("-"))));
      } catch (IndexOutOfBoundsException | NumberFormatException e) {
        throw new ImageException(mapped.resolve(NAME) + " has a line that is not of its kind");
      }
    }
    return entries;
  }
}
