package dev.rekindle.engine.image;

import dev.rekindle.engine.criu.images.RegularFile;
import dev.rekindle.engine.criu.images.Vma;
import dev.rekindle.engine.sandbox.Sandbox;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The snapshot from which a dumped instance was itself restored by mapping. A dump of it holds the
 * pages that it changed and names the older pages file for the rest; here the areas become again
 * what they were, with all their pages, so that no snapshot needs an older one.
 */
final class Ancestor {
  private static final String PAGES =
      Sandbox.SNAPSHOT + "/" + MappedRewrite.IMAGES + "/" + Pagemap.PAGES_PREFIX;

  private final Map<Integer, RegularFile> known;
  private final Function<String, Path> files;
  private final List<MemoryMap.Entry> origins;

  Ancestor(Map<Integer, RegularFile> known, Function<String, Path> files) throws IOException {
    this.known = known;
    this.files = files;
    boolean mapped = known.values().stream().anyMatch(file -> file.getName().startsWith(PAGES));
    this.origins =
        mapped
            ? MemoryMap.read(files.apply(Sandbox.SNAPSHOT + "/" + MappedRewrite.MAPPED))
            : List.of();
  }

  /** The older pages file that an area shows; null if it is an ordinary area. */
  @Nullable Path pagesOf(Vma vma) {
    RegularFile file = known.get((int) vma.getShmid());
    boolean is = !Area.isAnonymous(vma) && file != null && file.getName().startsWith(PAGES);
    return is && file != null ? files.apply(file.getName()) : null;
  }

  /** The area as it was before it was mapped: anonymous, or a private mapping of some file. */
  Vma asItWas(Vma vma) throws ImageException {
    RegularFile pages = known.get((int) vma.getShmid());
    if (pages == null) {
      throw new ImageException("an area names a file that files.img does not have");
    }
    for (MemoryMap.Entry origin : origins) {
      if (origin.pagesFile().equals(Path.of(pages.getName()).getFileName().toString())
          && vma.getPgoff() >= origin.position()
          && vma.getPgoff() < origin.position() + origin.bytes()) {
        Optional<Integer> id = origin.file().flatMap(this::idOf);
        if (id.isPresent()) {
          long offset = origin.fileOffset() + (vma.getPgoff() - origin.position());
          return Area.mapped(vma, vma.getStart(), vma.getEnd(), id.get().intValue(), offset);
        }
      }
    }
    return Area.anonymous(vma);
  }

  private Optional<Integer> idOf(String name) {
    return known.entrySet().stream()
        .filter(entry -> entry.getValue().getName().equals(name))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  /** The pages of all areas, those of the older snapshot where the instance did not change them. */
  Pagemap complete(Pagemap dumped, List<Vma> areas) {
    List<PageRun> runs = new ArrayList<>(dumped.runs());
    for (Vma vma : areas) {
      Path pages = pagesOf(vma);
      if (pages == null) {
        continue;
      }
      long from = vma.getStart();
      for (PageRun run : dumped.within(vma.getStart(), vma.getEnd())) {
        add(runs, vma, pages, from, run.address());
        from = run.end();
      }
      add(runs, vma, pages, from, vma.getEnd());
    }
    runs.sort(Comparator.comparingLong(PageRun::address));
    return new Pagemap(dumped.pagesId(), runs);
  }

  private static void add(List<PageRun> runs, Vma vma, Path pages, long from, long to) {
    if (from < to) {
      long position = vma.getPgoff() + (from - vma.getStart());
      runs.add(new PageRun(from, to - from, position, PageRun.PRESENT | PageRun.LAZY, pages));
    }
  }
}
