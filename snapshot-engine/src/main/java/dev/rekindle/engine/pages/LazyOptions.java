package dev.rekindle.engine.pages;

import java.util.Optional;

/**
 * How an instance's pages are brought back.
 *
 * @param workingSet copied first, before and while the function begins to run
 * @param record whether to note which pages are asked for; the pages that nobody asked for then
 *     stay away until {@link PageSession#workingSet} is called
 */
public record LazyOptions(Optional<WorkingSet> workingSet, boolean record) {
  /** For the first restores of a snapshot. */
  public static LazyOptions recording() {
    return new LazyOptions(Optional.empty(), true);
  }

  /** For the restores after those. */
  public static LazyOptions prefetching(WorkingSet workingSet) {
    return new LazyOptions(Optional.of(workingSet), false);
  }

  /**
   * For a snapshot whose pages come from afar: what is known to be needed is copied first, and what
   * nobody asks for stays away until the first response, since it would compete with that.
   */
  public static LazyOptions prefetchingAlone(WorkingSet workingSet) {
    return new LazyOptions(Optional.of(workingSet), true);
  }
}
