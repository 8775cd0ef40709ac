package dev.rekindle.engine.pages;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One address space whose pages come back on demand: its userfaultfd, and the account of what is
 * still missing. Lives on its loop's thread. The kernel lets no page be put in place while a change
 * of the mappings (fork, move, unmap, removal) waits to be read here (EAGAIN), so each page that
 * was put in place was looked up in an account that knew of all changes.
 *
 * <p>Longer than most files: the kernel's answers are read here and nowhere else.
 */
final class LazySpace implements PageServerLoop.Watched {
  /** How an attempt to put pages in place ended. */
  enum Outcome {
    /** They are in place, or nothing was missing. */
    DONE,
    /** A change of the mappings must be read, or its reader has yet to run: try again. */
    EVENTS_FIRST,
    /** The source has not got the bytes yet and will call. */
    SOURCE_FIRST,
    /** No watched area is there: it is moving or gone, or never was; see {@link #doubt}. */
    NO_AREA,
    /** The process is gone. */
    ENDED
  }

  private static final long PAGE = PageLayout.PAGE_BYTES;
  private static final long NONE = -1;

  private final PageSession session;
  private final PageServerLoop loop;
  private final PageLayout layout;
  private final PendingPages pending;
  private final int fd;
  private long[] faults = new long[16];
  private int faultCount;
  private final boolean forked;
  private long withoutArea;
  private long suspect = NONE;
  private boolean ended;

  /**
   * An address space to be served.
   *
   * @param forked whether it is a copy made by the running program, not one restored by CRIU
   */
  LazySpace(
      PageSession session,
      PageServerLoop loop,
      PageLayout layout,
      PendingPages pending,
      int fd,
      boolean forked) {
    this.session = session;
    this.loop = loop;
    this.layout = layout;
    this.pending = pending;
    this.fd = fd;
    this.forked = forked;
  }

  int fd() {
    return fd;
  }

  PageLayout layout() {
    return layout;
  }

  PendingPages pending() {
    return pending;
  }

  boolean ended() {
    return ended;
  }

  /** Whether nothing is missing and nobody waits. */
  boolean complete() {
    return pending.isEmpty() && faultCount == 0;
  }

  /** Whether an answered-later fault waits for nothing but another try. */
  boolean waiting() {
    return faultCount > 0;
  }

  /** Ends the service: from here on the kernel itself gives zeros where no page is. */
  void end() {
    if (!ended) {
      ended = true;
      faultCount = 0;
      loop.unwatch(fd);
      LinuxCalls.close(fd);
    }
  }

  @Override
  public void readable() {
    readEvents();
    answerFaults();
  }

  @Override
  public PageSession session() {
    return session;
  }

  /** Takes all waiting events: changes are followed at once, faults are kept for answering. */
  void readEvents() {
    UserFault uffd = loop.userFault();
    while (!ended) {
      int n = uffd.read(fd);
      if (n == -LinuxCalls.EINTR) {
        continue;
      }
      if (n <= 0) {
        if (n != 0 && n != -LinuxCalls.EAGAIN) {
          throw refused("reading events", n);
        }
        return;
      }
      for (int i = 0; i < n; i++) {
        follow(uffd, i);
      }
    }
  }

  private void follow(UserFault uffd, int i) {
    if (uffd.kind(i) != UserFault.PAGE_FAULT) {
      suspect = NONE;
    }
    switch (uffd.kind(i)) {
      case UserFault.PAGE_FAULT -> {
        if (faultCount == faults.length) {
          faults = Arrays.copyOf(faults, 2 * faultCount);
        }
        faults[faultCount++] = uffd.faultAddress(i) & -PAGE;
      }
      case UserFault.FORK ->
          session.add(
              new LazySpace(
                  session, loop, layout, layout.afterFork(pending), uffd.forkDescriptor(i), true));
      case UserFault.REMAP -> pending.move(uffd.from(i), uffd.to(i), uffd.movedBytes(i));
      // A removed range stays watched, so that the area is not split: mremap fails across areas.
      case UserFault.REMOVE, UserFault.UNMAP -> pending.remove(uffd.from(i), uffd.to(i));
      default -> throw refused("event of unknown kind " + uffd.kind(i), 0);
    }
  }

  /** Answers the faults that can be answered now. */
  void answerFaults() {
    int kept = 0;
    int n = faultCount;
    for (int k = 0; k < n && !ended; k++) {
      long page = faults[k];
      switch (answer(page)) {
        case EVENTS_FIRST -> {
          faults[kept++] = page;
          loop.retrySoon();
        }
        case SOURCE_FIRST -> faults[kept++] = page;
        case ENDED -> end();
        case DONE, NO_AREA -> session.counters().faults().incrementAndGet();
      }
    }
    faultCount = ended ? 0 : kept;
  }

  /**
   * Looks into a missing area that nobody reported as moved or unmapped. The report may still be
   * under way: the kernel checks for unread changes before it takes the lock under which an area
   * moves. If the page is still missing at a second try, with all reports read between, then no
   * report will come.
   */
  void doubt() {
    long page = withoutArea;
    boolean again = suspect == page;
    readEvents();
    if (pending.find(page) < 0 || !again || suspect != page) {
      suspect = pending.find(page) < 0 ? NONE : page;
      return;
    }
    if (!forked) {
      throw new PageServerException(
          PageServerException.Cause.KERNEL_REFUSED,
          "instance %s has no memory at %x, where pages belong".formatted(session.name(), page));
    }
    // Areas marked MADV_DONTFORK stay with the parent, without a word to the child's account.
    pending.remove(page, page + PAGE);
    suspect = NONE;
  }

  private Outcome answer(long page) {
    int i = pending.find(page);
    if (i < 0) {
      return zero(page);
    }
    long around = page & -session.faultAroundBytes();
    long from = Math.max(pending.start(i), around);
    long to = Math.min(pending.end(i), around + session.faultAroundBytes());
    Outcome outcome = bring(from, to, session.counters().faultPages(), true);
    if (outcome == Outcome.NO_AREA) {
      outcome = bring(page, page + PAGE, session.counters().faultPages(), true);
    }
    if (outcome == Outcome.NO_AREA) {
      // The area moved away under the fault: let the thread look again.
      loop.userFault().wake(fd, page, PAGE);
    }
    return outcome;
  }

  private Outcome zero(long page) {
    int next = pending.firstEndingAfter(page);
    long end = page + session.faultAroundBytes();
    if (next < pending.ranges()) {
      end = Math.min(end, pending.start(next));
    }
    long n = loop.userFault().zero(fd, page, end - page);
    if (n == -LinuxCalls.ENOENT && end - page > PAGE) {
      n = loop.userFault().zero(fd, page, PAGE);
    }
    if (n > 0) {
      session.counters().zeroPages().addAndGet(n / PAGE);
      return Outcome.DONE;
    }
    switch ((int) -n) {
      case LinuxCalls.EEXIST, LinuxCalls.ENOENT -> {
        loop.userFault().wake(fd, page, PAGE);
        return Outcome.DONE;
      }
      case LinuxCalls.EAGAIN -> {
        return Outcome.EVENTS_FIRST;
      }
      case LinuxCalls.ESRCH, LinuxCalls.ENOSPC -> {
        return Outcome.ENDED;
      }
      default -> throw refused("a zero page", n);
    }
  }

  /** Puts what is missing between two addresses in place. */
  Outcome bring(long start, long end, AtomicLong counter, boolean asked) {
    long at = start;
    long step = PageSource.MAX_RANGE_BYTES;
    while (at < end) {
      int i = pending.firstEndingAfter(at);
      if (i == pending.ranges() || pending.start(i) >= end) {
        return Outcome.DONE;
      }
      at = Math.max(at, pending.start(i));
      long bytes = Math.min(step, Math.min(end, pending.end(i)) - at);
      long offset = pending.offset(i, at);
      long source = session.locate(layout.pagesId(), offset, bytes);
      if (source == PageSource.NOT_YET) {
        return Outcome.SOURCE_FIRST;
      }
      long n = loop.userFault().copy(fd, at, source, bytes);
      if (n > 0) {
        pending.remove(at, at + n);
        counter.addAndGet(n / PAGE);
        if (asked) {
          session.asked(layout.pagesId(), offset, n);
        }
        at += n;
        step = PageSource.MAX_RANGE_BYTES;
        continue;
      }
      switch ((int) -n) {
        case LinuxCalls.EEXIST -> {
          pending.remove(at, at + PAGE);
          loop.userFault().wake(fd, at, PAGE);
          at += PAGE;
        }
        case LinuxCalls.ENOENT -> {
          // Part of it lies in another area: a copy must lie within one.
          if (bytes == PAGE) {
            withoutArea = at;
            return Outcome.NO_AREA;
          }
          step = Math.max(PAGE, bytes / 2 & -PAGE);
        }
        case LinuxCalls.EAGAIN -> {
          return Outcome.EVENTS_FIRST;
        }
        case LinuxCalls.ESRCH, LinuxCalls.ENOSPC -> {
          return Outcome.ENDED;
        }
        default -> throw refused("copying pages", n);
      }
    }
    return Outcome.DONE;
  }

  private PageServerException refused(String what, long result) {
    return new PageServerException(
        PageServerException.Cause.KERNEL_REFUSED,
        "%s failed for instance %s: errno %d".formatted(what, session.name(), -result));
  }
}
