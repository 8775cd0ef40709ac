package dev.rekindle.engine.pages;

import jnr.ffi.Pointer;

/**
 * The calls on a userfaultfd descriptor, with the scratch memory they need (linux/userfaultfd.h).
 * Belongs to one thread.
 */
final class UserFault {
  static final int PAGE_FAULT = 0x12;
  static final int FORK = 0x13;
  static final int REMAP = 0x14;
  static final int REMOVE = 0x15;
  static final int UNMAP = 0x16;

  private static final long UFFDIO_WAKE = 0x8010aa02L;
  private static final long UFFDIO_COPY = 0xc028aa03L;
  private static final long UFFDIO_ZEROPAGE = 0xc020aa04L;

  private static final int EVENT_BYTES = 32;

  /** How many events one read takes. */
  private static final int BATCH = 16;

  private final Pointer events = LinuxCalls.allocate(BATCH * EVENT_BYTES);
  private final Pointer argument = LinuxCalls.allocate(40);

  /** Reads waiting events; returns their number, or a negative errno (-EAGAIN: none). */
  int read(int fd) {
    long bytes = LinuxCalls.read(fd, events, BATCH * EVENT_BYTES);
    return (int) (bytes < 0 ? bytes : bytes / EVENT_BYTES);
  }

  /** The kind of event i of the last read. */
  int kind(int i) {
    return events.getByte(i * (long) EVENT_BYTES) & 0xff;
  }

  /** The address of a page fault. */
  long faultAddress(int i) {
    return events.getLong(i * (long) EVENT_BYTES + 16);
  }

  /** The descriptor of a forked child's memory. */
  int forkDescriptor(int i) {
    return events.getInt(i * (long) EVENT_BYTES + 8);
  }

  /** Where a move, removal or unmap begins. */
  long from(int i) {
    return events.getLong(i * (long) EVENT_BYTES + 8);
  }

  /** Where a move leads, or where a removal or unmap ends. */
  long to(int i) {
    return events.getLong(i * (long) EVENT_BYTES + 16);
  }

  /** How many bytes a move takes along. */
  long movedBytes(int i) {
    return events.getLong(i * (long) EVENT_BYTES + 24);
  }

  /**
   * Puts pages in place and wakes who waits for them.
   *
   * @return how many bytes were copied, perhaps fewer than asked for, or a negative errno
   */
  long copy(int fd, long target, long source, long bytes) {
    argument.putLong(0, target);
    argument.putLong(8, source);
    argument.putLong(16, bytes);
    argument.putLong(24, 0);
    argument.putLong(32, 0);
    return outcome(LinuxCalls.ioctl(fd, UFFDIO_COPY, argument), 32);
  }

  /** Puts zero pages in place; like {@link #copy}. */
  long zero(int fd, long target, long bytes) {
    argument.putLong(0, target);
    argument.putLong(8, bytes);
    argument.putLong(16, 0);
    argument.putLong(24, 0);
    return outcome(LinuxCalls.ioctl(fd, UFFDIO_ZEROPAGE, argument), 24);
  }

  /** After a partial success the call says EAGAIN and the structure holds what was done. */
  private long outcome(int result, long doneAt) {
    long done = argument.getLong(doneAt);
    return done > 0 || result == 0 ? done : result;
  }

  /** Has the threads that wait for a page look again. */
  void wake(int fd, long start, long bytes) {
    argument.putLong(0, start);
    argument.putLong(8, bytes);
    LinuxCalls.ioctl(fd, UFFDIO_WAKE, argument);
  }
}
