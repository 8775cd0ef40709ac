package dev.rekindle.store;

import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that moves on by one second whenever it is read. */
public final class SteppingClock implements InstantSource {
  /** The first instant it tells. */
  static final Instant START = Instant.parse("2026-01-01T00:00:00.123456789Z");

  private final AtomicLong seconds = new AtomicLong();

  @Override
  public Instant instant() {
    return START.plusSeconds(seconds.getAndIncrement());
  }
}
