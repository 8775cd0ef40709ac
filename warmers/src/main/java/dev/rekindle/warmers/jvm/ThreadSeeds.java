package dev.rekindle.warmers.jvm;

import java.lang.reflect.Field;

/** What ThreadLocalRandom keeps in a thread. */
record ThreadSeeds(Thread thread, Field seed, Field secondary) implements Renewable {
  ThreadSeeds(Thread thread) throws NoSuchFieldException {
    this(
        thread,
        JdkInternals.field(Thread.class, "threadLocalRandomSeed"),
        JdkInternals.field(Thread.class, "threadLocalRandomSecondarySeed"));
  }

  @Override
  public void renew(Seeds seeds) throws IllegalAccessException {
    long frozen = seed.getLong(thread);
    // A thread that has drawn nothing yet gets its seed from the seeder.
    if (frozen != 0) {
      seed.setLong(thread, seeds.of("thread", frozen, thread.getId()).getLong());
    }
    if (secondary.getInt(thread) != 0) {
      secondary.setInt(thread, seeds.of("secondary", frozen, thread.getId()).getInt() | 1);
    }
  }
}
