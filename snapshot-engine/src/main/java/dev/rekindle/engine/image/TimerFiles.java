package dev.rekindle.engine.image;

import dev.rekindle.engine.criu.images.FileEntry;
import dev.rekindle.engine.criu.images.TimerFile;

/**
 * Timers behind descriptors (timerfd) that were set to an absolute time. CRIU dumps the time that
 * they have left, and restores it as that many seconds and nanoseconds after the present second:
 * they fire up to a second too early (criu/pie/restorer.c, timerfd_arm). As relative timers they
 * are restored exactly, and nothing tells a program how its timer was set.
 */
final class TimerFiles {
  /** TFD_TIMER_ABSTIME in linux/timerfd.h. */
  private static final int ABSOLUTE = 1;

  // From linux/time.h: the clocks that stand still while a function is frozen.
  private static final int CLOCK_MONOTONIC = 1;
  private static final int CLOCK_BOOTTIME = 7;

  private TimerFiles() {}

  /** The entry, as a relative timer if it is an absolute one by a clock that stands still. */
  static FileEntry relative(FileEntry entry) {
    TimerFile timer = entry.getTfd();
    boolean standsStill =
        timer.getClockid() == CLOCK_MONOTONIC || timer.getClockid() == CLOCK_BOOTTIME;
    if (!entry.hasTfd() || !standsStill || (timer.getSettimeFlags() & ABSOLUTE) == 0) {
      return entry;
    }
    return entry.toBuilder()
        .setTfd(timer.toBuilder().setSettimeFlags(timer.getSettimeFlags() & ~ABSOLUTE))
        .build();
  }
}
