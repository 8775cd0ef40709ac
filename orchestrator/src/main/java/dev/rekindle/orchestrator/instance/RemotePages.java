package dev.rekindle.orchestrator.instance;

import dev.rekindle.engine.pages.ArrivingPages;
import dev.rekindle.engine.pages.EagerPages;
import dev.rekindle.engine.pages.LazyOptions;
import dev.rekindle.engine.pages.PageArrivals;
import dev.rekindle.engine.pages.PageSource;
import dev.rekindle.engine.pages.PageSourceException;
import dev.rekindle.engine.pages.WorkingSet;
import dev.rekindle.store.ArrivingFiles;
import dev.rekindle.store.FileRange;
import dev.rekindle.store.SnapshotLease;
import dev.rekindle.store.StoreException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** The pages images of a snapshot that is on its way here: the engine asks, the store fetches. */
final class RemotePages implements PageArrivals {
  private static final Pattern PAGES_FILE = Pattern.compile("images/pages-\\d{1,6}\\.img");

  private final SnapshotLease lease;
  private final ArrivingFiles arriving;

  RemotePages(SnapshotLease lease, ArrivingFiles arriving) {
    this.lease = lease;
    this.arriving = arriving;
  }

  /** Whether a file of a snapshot holds nothing but pages, which may come after the restore. */
  static boolean isPagesFile(String name) {
    return PAGES_FILE.matcher(name).matches();
  }

  /**
   * Fetches what CRIU itself reads, and begins to fetch the working set. Blocks.
   *
   * @param workingSet asked while the former is on its way
   * @return how to bring the pages
   */
  LazyOptions fetchFirst(Supplier<Optional<WorkingSet>> workingSet) throws StoreException {
    var eager = arriving.fetch(ranges(EagerPages.of(lease.directory()))).toCompletableFuture();
    Optional<WorkingSet> known = workingSet.get();
    known.ifPresent(set -> arriving.fetch(ranges(set)));
    try {
      eager.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof StoreException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while pages were fetched", e);
    }
    return known.map(LazyOptions::prefetchingAlone).orElseGet(LazyOptions::recording);
  }

  /** Where the page server takes the pages from. */
  PageSource source() {
    return ArrivingPages.open(lease.directory(), this);
  }

  @Override
  public boolean isThere(WorkingSet.Range range, Runnable ready) {
    try {
      return arriving.isThere(file(range), ready);
    } catch (StoreException e) {
      throw new PageSourceException(
          e.reason() == StoreException.Reason.DAMAGED
              ? PageSourceException.Cause.DAMAGED
              : PageSourceException.Cause.UNREACHABLE,
          String.valueOf(e.getMessage()));
    }
  }

  private static List<FileRange> ranges(WorkingSet set) {
    return set.ranges().stream().map(RemotePages::file).toList();
  }

  private static FileRange file(WorkingSet.Range range) {
    return new FileRange("images/pages-" + range.pagesId() + ".img", range.offset(), range.bytes());
  }
}
