package dev.rekindle.warmers.jvm;

import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.security.SecureRandom;
import java.security.SecureRandomSpi;
import java.util.List;
import java.util.Optional;

/** Generators for secrets: what is behind every SecureRandom. */
final class SecureGenerators {
  /** Asks the kernel, through a buffer that all of its kind share: see {@link #ofKernel}. */
  private static final String KERNELS = "sun.security.provider.NativePRNG";

  /** The mechanism behind a DRBG, which no SecureRandom need have. */
  static final String DRBG = "sun.security.provider.AbstractDrbg";

  private SecureGenerators() {}

  /** A subclass of a library's own may keep state of its own; the rest lies in the SPI. */
  static List<Renewable> of(SecureRandom random) throws NoSuchFieldException {
    Renewable gaussian = Generators.gaussian(random);
    if (random.getClass().getClassLoader() == null) {
      return List.of(gaussian);
    }
    return List.of(
        gaussian,
        seeds -> {
          try {
            random.setSeed(seeds.next());
          } catch (RuntimeException e) {
            refused(random, e);
          }
        });
  }

  /** Adds entropy to a generator's state; the kernel's needs none. */
  static Optional<Renewable> of(SecureRandomSpi generator) throws NoSuchMethodException {
    if (generator.getClass().getName().startsWith(KERNELS)) {
      return Optional.empty();
    }
    Method setSeed = JdkInternals.method(SecureRandomSpi.class, "engineSetSeed", byte[].class);
    return Optional.of(
        seeds -> {
          try {
            setSeed.invoke(generator, (Object) seeds.next());
          } catch (InvocationTargetException e) {
            refused(generator, Fault.unwrap(e));
          }
        });
  }

  /** Adds entropy to what a DRBG is made of, also to the one that gives new DRBGs their seeds. */
  static Renewable ofDrbg(Object drbg) throws ReflectiveOperationException {
    Class<?> type = Class.forName(DRBG);
    Method setSeed = JdkInternals.method(type, "engineSetSeed", byte[].class);
    return seeds -> setSeed.invoke(drbg, (Object) seeds.next());
  }

  /**
   * Forgets what was read from the kernel ahead of need. The JDK would use it for 100 ms more, by
   * the clock; the generator that it is mixed with is one of those found by {@link
   * #of(SecureRandomSpi)}.
   */
  static Renewable ofKernel(Object randomIo) throws NoSuchFieldException {
    Field buffered = JdkInternals.field(randomIo.getClass(), "buffered");
    Field lastRead = JdkInternals.field(randomIo.getClass(), "lastRead");
    Field lock = JdkInternals.field(randomIo.getClass(), "LOCK_GET_BYTES");
    return seeds -> {
      synchronized (lock.get(randomIo)) {
        buffered.setInt(randomIo, 0);
        lastRead.setLong(randomIo, 0);
      }
    };
  }

  private static void refused(Object generator, Object why) {
    Log.line("[WARN] a " + generator.getClass().getName() + " refuses a new seed: " + why);
  }
}
