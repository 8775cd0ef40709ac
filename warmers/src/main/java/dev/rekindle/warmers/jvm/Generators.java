package dev.rekindle.warmers.jvm;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Generators for numbers that need not be secret. */
final class Generators {
  private static final long RANDOM_SEED_MASK = (1L << 48) - 1;

  /** The position in a larger state; all else that may change is state. */
  private static final String POSITION = "p";

  private Generators() {}

  static List<Renewable> of(RandomGenerator generator) throws ReflectiveOperationException {
    if (generator instanceof SecureRandom secure) {
      return SecureGenerators.of(secure);
    }
    if (generator instanceof Random random) {
      return ofRandom(random);
    }
    boolean known =
        generator instanceof SplittableRandom
            || generator.getClass().getPackageName().equals("jdk.random");
    return known ? List.of(new WordState(generator)) : List.of();
  }

  private static List<Renewable> ofRandom(Random random) throws ReflectiveOperationException {
    List<Renewable> all = new ArrayList<>();
    all.add(gaussian(random));
    // Missing in the kinds that keep their state elsewhere, as ThreadLocalRandom does.
    AtomicLong seed = (AtomicLong) JdkInternals.field(Random.class, "seed").get(random);
    if (seed != null) {
      all.add(
          seeds ->
              seed.set(
                  seeds.of(random.getClass().getName(), seed.get()).getLong() & RANDOM_SEED_MASK));
    }
    if (bringsItsOwnState(random)) {
      all.add(seeds -> reseed(random, seeds, seed));
    }
    return all;
  }

  /** Forgets the second number of a pair drawn from a normal distribution. */
  static Renewable gaussian(Random random) throws NoSuchFieldException {
    Field kept = JdkInternals.field(Random.class, "haveNextNextGaussian");
    return seeds -> kept.setBoolean(random, false);
  }

  private static boolean bringsItsOwnState(Random random) throws NoSuchMethodException {
    boolean ofTheJdk = random.getClass().getClassLoader() == null;
    return !ofTheJdk
        && random.getClass().getMethod("setSeed", long.class).getDeclaringClass() != Random.class;
  }

  private static void reseed(Random random, Seeds seeds, @Nullable AtomicLong frozen) {
    try {
      random.setSeed(
          seeds
              .of("setSeed " + random.getClass().getName(), frozen == null ? 0 : frozen.get())
              .getLong());
    } catch (RuntimeException e) {
      Log.line("[WARN] a " + random.getClass().getName() + " refuses a new seed: " + e);
    }
  }

  /** A generator whose state is all its numbers that may change. */
  private record WordState(Object generator, List<Field> fields) implements Renewable {
    WordState(Object generator) throws ReflectiveOperationException {
      this(generator, new ArrayList<>());
      for (Field field : generator.getClass().getDeclaredFields()) {
        boolean changes =
            field.getType() == long[].class || !Modifier.isFinal(field.getModifiers());
        boolean words =
            field.getType() == long.class
                || field.getType() == int.class
                || field.getType() == long[].class;
        if (words
            && changes
            && !Modifier.isStatic(field.getModifiers())
            && !field.getName().equals(POSITION)) {
          fields.add(JdkInternals.field(generator.getClass(), field.getName()));
        }
      }
    }

    @Override
    public void renew(Seeds seeds) throws IllegalAccessException {
      for (Field field : fields) {
        String name = generator.getClass().getName() + "." + field.getName();
        if (field.getType() == int.class) {
          field.setInt(generator, seeds.of(name, field.getInt(generator)).getInt());
        } else if (field.getType() == long.class) {
          field.setLong(generator, seeds.of(name, field.getLong(generator)).getLong());
        } else {
          long[] words = (long[]) field.get(generator);
          for (int i = 0; i < words.length; i++) {
            words[i] = seeds.of(name, i, words[i]).getLong();
          }
        }
      }
    }
  }
}
