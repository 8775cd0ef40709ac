package dev.rekindle.engine.pages;

import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Local pages that come late, or stop coming. */
final class FaultySource implements PageSource {
  private final PageSource pages;
  private final long delayMillis;
  private final long failAfter;
  private final Runnable failure;
  private final AtomicLong calls = new AtomicLong();
  private final AtomicLong delayed = new AtomicLong();
  private final Set<Long> fetched = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();

  private FaultySource(PageSource pages, long delayMillis, long failAfter, Runnable failure) {
    this.pages = pages;
    this.delayMillis = delayMillis;
    this.failAfter = failAfter;
    this.failure = failure;
  }

  static FaultySource slow(Path images, long delayMillis) {
    return new FaultySource(LocalPages.open(images), delayMillis, Long.MAX_VALUE, () -> {});
  }

  static FaultySource failing(Path images, long failAfter, Runnable failure) {
    return new FaultySource(LocalPages.open(images), 0, failAfter, failure);
  }

  /** How many ranges came late. */
  long delayed() {
    return delayed.get();
  }

  @Override
  public long locate(int pagesId, long offset, long bytes, Runnable ready) {
    if (calls.incrementAndGet() > failAfter) {
      failure.run();
    }
    long chunk = offset >> 16;
    if (delayMillis > 0 && !fetched.contains(chunk)) {
      delayed.incrementAndGet();
      clock.schedule(
          () -> {
            fetched.add(chunk);
            ready.run();
          },
          delayMillis,
          TimeUnit.MILLISECONDS);
      return NOT_YET;
    }
    return pages.locate(pagesId, offset, bytes, ready);
  }

  @Override
  public void close() {
    clock.shutdownNow();
    pages.close();
  }
}
