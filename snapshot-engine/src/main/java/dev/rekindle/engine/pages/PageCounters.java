package dev.rekindle.engine.pages;

import java.util.concurrent.atomic.AtomicLong;

/** The counters behind {@link PageStatistics}: written by one thread, read by any. */
record PageCounters(
    AtomicLong faults,
    AtomicLong faultPages,
    AtomicLong zeroPages,
    AtomicLong prefetchPages,
    AtomicLong backgroundPages) {
  PageCounters() {
    this(new AtomicLong(), new AtomicLong(), new AtomicLong(), new AtomicLong(), new AtomicLong());
  }

  PageStatistics read() {
    return new PageStatistics(
        faults.get(),
        faultPages.get(),
        zeroPages.get(),
        prefetchPages.get(),
        backgroundPages.get());
  }
}
