package dev.rekindle.engine.pages;

import dev.rekindle.engine.criu.images.PagemapEntry;
import dev.rekindle.engine.criu.images.PagemapHead;
import dev.rekindle.engine.image.ImageFile;
import dev.rekindle.engine.image.PageRun;
import dev.rekindle.engine.image.Pagemap;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The parts of a snapshot's pages images that CRIU reads by itself in a lazy restore, and which
 * must be there before it begins: memory that cannot wait for a fault, and shared memory.
 */
public final class EagerPages {
  private EagerPages() {}

  /**
   * Finds these parts.
   *
   * @param snapshot the snapshot's directory, with all images but the pages
   * @throws PageSourceException if an image is missing or damaged
   */
  public static WorkingSet of(Path snapshot) {
    Path images = snapshot.resolve("images");
    List<WorkingSet.Range> ranges = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(images, "pagemap-*.img")) {
      for (Path file : files) {
        add(file, images, ranges);
      }
      return new WorkingSet(ranges);
    } catch (IOException | IllegalArgumentException e) {
      throw new PageSourceException(
          PageSourceException.Cause.DAMAGED,
          "the images in %s cannot be read: %s; remove the snapshot".formatted(images, e));
    }
  }

  private static void add(Path file, Path images, List<WorkingSet.Range> ranges)
      throws IOException {
    ImageFile image = ImageFile.open(file, ImageFile.PAGEMAP);
    int pagesId = image.next(PagemapHead.parser()).getPagesId();
    long position = 0;
    for (PagemapEntry entry : image.rest(PagemapEntry.parser())) {
      long pages = entry.hasNrPages() ? entry.getNrPages() : entry.getCompatNrPages();
      int flags = entry.hasFlags() ? entry.getFlags() : PageRun.PRESENT;
      long bytes = Math.multiplyExact(pages, PageRun.PAGE);
      if ((flags & PageRun.PRESENT) == 0) {
        continue;
      }
      if ((flags & PageRun.LAZY) == 0 || !isPrivate(file)) {
        ranges.add(new WorkingSet.Range(pagesId, position, bytes));
      }
      position = Math.addExact(position, bytes);
    }
    if (position > Files.size(images.resolve(Pagemap.pagesName(pagesId)))) {
      throw new IOException(file + " does not fit its pages file");
    }
  }

  /** Whether these are the pages of a task rather than of memory that tasks share. */
  private static boolean isPrivate(Path file) {
    return file.getFileName().toString().matches("pagemap-\\d+\\.img");
  }
}
