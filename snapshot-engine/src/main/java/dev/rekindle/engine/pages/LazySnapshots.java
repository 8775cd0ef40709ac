package dev.rekindle.engine.pages;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The local snapshots whose pages are being served: instances of one snapshot share a mapping. */
public final class LazySnapshots {
  private final Map<Path, SnapshotPages> open = new HashMap<>();

  /**
   * One use of a snapshot's pages.
   *
   * @param source where they come from, if not from the snapshot's own images; then nothing is
   *     shared
   * @throws PageSourceException if the images are missing or damaged
   */
  public SnapshotPages open(Path snapshot, Optional<PageSource> source) {
    Path images = snapshot.resolve("images");
    if (source.isPresent()) {
      return SnapshotPages.open(images, source.get());
    }
    synchronized (open) {
      SnapshotPages pages = open.get(images);
      if (pages == null || !pages.retain()) {
        open.values().removeIf(SnapshotPages::isClosed);
        pages = SnapshotPages.open(images, LocalPages.open(images));
        open.put(images, pages);
      }
      return pages;
    }
  }
}
