package dev.rekindle.engine.pages;

import java.util.List;

/**
 * Brings pages before they are asked for: the working set first and fast, the rest slowly. Does a
 * bounded slice at each call, so that faults are answered in between.
 */
final class CopyAhead {
  /** What is copied in one go: small, since a fault may have to wait for it. */
  private static final long SLICE_BYTES = 256 << 10;

  /** A wait so short that it means: as soon as other work is done. */
  private static final long NOW = 0;

  private static final long RETRY_NANOS = 1_000_000;

  private enum Phase {
    RESTORING,
    WORKING_SET,
    RECORDING,
    REST
  }

  private final PageSession session;
  private final WorkingSet workingSet;
  private final boolean record;
  private final PageServerConfig config;
  private Phase phase = Phase.RESTORING;
  private boolean recordingEnded;
  private boolean sourceBusy;
  private int range;
  private long doneInRange;
  private long recordingSince = -1;
  private long notBefore = Long.MIN_VALUE;
  private int turn;

  CopyAhead(PageSession session, LazyOptions options, PageServerConfig config) {
    this.session = session;
    this.workingSet = options.workingSet().orElse(new WorkingSet(List.of()));
    this.record = options.record();
    this.config = config;
  }

  WorkingSet workingSet() {
    return workingSet;
  }

  boolean records() {
    return record && !recordingEnded;
  }

  void endRecording() {
    recordingEnded = true;
  }

  /** All tasks are restored, so all areas are watched. */
  void begin() {
    phase = Phase.WORKING_SET;
  }

  void sourceIsReady() {
    sourceBusy = false;
  }

  /** Returns after how many nanoseconds to come back. */
  long advance(long now) {
    switch (phase) {
      case RESTORING -> {
        return Long.MAX_VALUE;
      }
      case WORKING_SET -> {
        if (range < workingSet.ranges().size()) {
          return copyOfWorkingSet();
        }
        phase = Phase.RECORDING;
        return NOW;
      }
      case RECORDING -> {
        if (recordingSince < 0) {
          recordingSince = now;
        }
        long left = config.recordingLimit().toNanos() - (now - recordingSince);
        if (records() && left > 0) {
          return left;
        }
        recordingEnded = true;
        phase = Phase.REST;
        return NOW;
      }
      case REST -> {
        return copyOfRest(now);
      }
    }
    throw new AssertionError(phase);
  }

  private long copyOfWorkingSet() {
    WorkingSet.Range r = workingSet.ranges().get(range);
    long offset = r.offset() + doneInRange;
    long bytes = Math.min(SLICE_BYTES, r.bytes() - doneInRange);
    for (int i = 0; i < session.spaces().size(); i++) {
      LazySpace space = session.spaces().get(i);
      if (space.layout().pagesId() == r.pagesId()) {
        switch (bringOffsets(space, offset, offset + bytes)) {
          case EVENTS_FIRST -> {
            space.readable();
            return NOW;
          }
          case ENDED -> space.end();
          // What is not here or has moved comes with its fault or with the rest.
          case DONE, SOURCE_FIRST, NO_AREA -> {}
        }
        break;
      }
    }
    doneInRange += bytes;
    if (doneInRange == r.bytes()) {
      range++;
      doneInRange = 0;
    }
    return NOW;
  }

  private LazySpace.Outcome bringOffsets(LazySpace space, long from, long to) {
    PageLayout layout = space.layout();
    LazySpace.Outcome outcome = LazySpace.Outcome.DONE;
    for (long offset = from; offset < to && outcome == LazySpace.Outcome.DONE; ) {
      int i = layout.rangeAtOffset(offset);
      if (i < 0) {
        offset += PageLayout.PAGE_BYTES;
        continue;
      }
      long end = Math.min(to, layout.endOffset(i));
      long address = layout.addressOf(i, offset);
      outcome =
          space.bring(address, address + (end - offset), session.counters().prefetchPages(), false);
      offset = end;
    }
    return outcome;
  }

  private long copyOfRest(long now) {
    if (sourceBusy || session.spaces().isEmpty()) {
      return Long.MAX_VALUE;
    }
    if (now < notBefore) {
      return notBefore - now;
    }
    LazySpace space = session.spaces().get(turn++ % session.spaces().size());
    if (space.pending().isEmpty()) {
      return NOW;
    }
    long start = space.pending().start(0);
    long before = session.counters().backgroundPages().get();
    switch (space.bring(start, start + SLICE_BYTES, session.counters().backgroundPages(), false)) {
      case EVENTS_FIRST -> {
        space.readable();
        return RETRY_NANOS;
      }
      case SOURCE_FIRST -> {
        sourceBusy = true;
        return Long.MAX_VALUE;
      }
      case NO_AREA -> {
        space.doubt();
        return NOW;
      }
      case ENDED -> {
        space.end();
        return NOW;
      }
      case DONE -> {}
    }
    long copied = (session.counters().backgroundPages().get() - before) * PageLayout.PAGE_BYTES;
    notBefore =
        Math.max(notBefore, now) + copied * 1_000_000_000L / config.backgroundBytesPerSecond();
    return notBefore - now;
  }
}
