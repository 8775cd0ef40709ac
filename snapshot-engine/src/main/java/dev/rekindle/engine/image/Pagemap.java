package dev.rekindle.engine.image;

import com.google.protobuf.MessageLite;
import dev.rekindle.engine.criu.images.PagemapEntry;
import dev.rekindle.engine.criu.images.PagemapHead;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the dumped pages of one address space are.
 *
 * @param pagesId names the pages file
 * @param runs in the order of addresses, which is also their order in the pages file
 */
public record Pagemap(int pagesId, List<PageRun> runs) {
  public Pagemap {
    runs = List.copyOf(runs);
  }

  /** Reads the pagemap of a task and holds it against the size of its pages file. */
  static Pagemap read(Path images, int pid) throws IOException {
    Path path = images.resolve("pagemap-" + pid + ".img");
    ImageFile image = ImageFile.open(path, ImageFile.PAGEMAP);
    int pagesId = image.next(PagemapHead.parser()).getPagesId();
    long pagesBytes = Files.size(images.resolve(pagesName(pagesId)));
    List<PageRun> runs = new ArrayList<>();
    long position = 0;
    long last = 0;
    for (PagemapEntry entry : image.rest(PagemapEntry.parser())) {
      long pages = entry.hasNrPages() ? entry.getNrPages() : entry.getCompatNrPages();
      int flags = entry.hasFlags() ? entry.getFlags() : PageRun.PRESENT;
      if (entry.getInParent() || (flags & PageRun.IN_PARENT) != 0) {
        throw new ImageException(path + " leans on an older image");
      }
      if ((flags & PageRun.PRESENT) == 0) {
        throw new ImageException(path + " names pages that were not dumped");
      }
      long left = pagesBytes - position;
      if (pages <= 0 || pages > left / PageRun.PAGE || entry.getVaddr() % PageRun.PAGE != 0) {
        throw new ImageException(path + " does not fit its pages file");
      }
      if (entry.getVaddr() < last) {
        throw new ImageException(path + " is not in the order of addresses");
      }
      PageRun run = new PageRun(entry.getVaddr(), pages * PageRun.PAGE, position, flags, null);
      runs.add(run);
      last = run.end();
      position += run.bytes();
    }
    if (position != pagesBytes) {
      throw new ImageException(path + " does not fit its pages file");
    }
    return new Pagemap(pagesId, runs);
  }

  /** Writes the image; the pages file must hold the runs one after the other. */
  void write(Path images, int pid) throws IOException {
    List<MessageLite> messages = new ArrayList<>();
    messages.add(PagemapHead.newBuilder().setPagesId(pagesId).build());
    for (PageRun run : runs) {
      long pages = run.bytes() / PageRun.PAGE;
      messages.add(
          PagemapEntry.newBuilder()
              .setVaddr(run.address())
              .setCompatNrPages((int) pages)
              .setNrPages(pages)
              .setFlags(run.flags())
              .build());
    }
    ImageFile.write(images.resolve("pagemap-" + pid + ".img"), ImageFile.PAGEMAP, messages);
  }

  /** The runs, each clipped, that overlap a range. */
  List<PageRun> within(long from, long to) {
    List<PageRun> found = new ArrayList<>();
    for (PageRun run : runs) {
      if (run.address() < to && run.end() > from) {
        found.add(run.clip(from, to));
      }
    }
    return found;
  }

  /** How the names of pages files begin. */
  static final String PAGES_PREFIX = "pages-";

  /** The name of the pages file with this number. */
  public static String pagesName(int pagesId) {
    return PAGES_PREFIX + Integer.toUnsignedString(pagesId) + ".img";
  }
}
