package dev.rekindle.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The table of mapped memory that a sandbox's init reads to keep discarded memory right: lines of
 * START END PAGES-ID POSITION BYTES FILE-OFFSET FILE, in hexadecimal; FILE is - for memory that was
 * anonymous (adoption_filter.c reads it).
 */
final class MemoryMap {
  private static final String NAME = "memory.map";

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
}
