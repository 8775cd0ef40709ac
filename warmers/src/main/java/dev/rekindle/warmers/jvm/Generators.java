package dev.rekindle.warmers.jvm;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Generators for numbers that need not be secret. */
final class Generators {
  private static final long RANDOM_SEED_MASK = (1L << 48) - 1;

  /** Where the JDK's own generators lie: up to Java 24, and from Java 25 on. */
  private static final Set<String> PACKAGES = Set.of("jdk.random", "jdk.internal.random");

  private static final Set<Class<?>> NUMBERS =
      Set.of(int.class, long.class, int[].class, long[].class, AtomicLong.class);

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
    return isKnown(generator.getClass()) ? List.of(new WordState(generator)) : List.of();
  }

  private static boolean isKnown(Class<?> type) {
    return type == SplittableRandom.class || PACKAGES.contains(type.getPackageName());
  }

  /**
   * Whether a generator of the JDK keeps numbers in a way that this class does not know, so that
   * they would be the same in all clones: a later JDK may have new kinds, or move old ones.
   */
  static boolean isUnknown(RandomGenerator generator) {
    if (!JdkInternals.isOfJdk(generator.getClass())) {
      return false;
    }
    boolean keepsNumbers = false;
    for (Class<?> type = generator.getClass(); isUnread(type); type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        keepsNumbers |=
            !Modifier.isStatic(field.getModifiers()) && NUMBERS.contains(field.getType());
      }
    }
    return keepsNumbers;
  }

  private static boolean isUnread(Class<?> type) {
    return type != Object.class
        && type != Random.class
        && type != SecureRandom.class
        && !isKnown(type);
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
    return !JdkInternals.isOfJdk(random.getClass())
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
      find();
      if (fields.isEmpty()) {
        throw new NoSuchFieldException(
            "this JDK ("
                + Runtime.version()
                + ") keeps the state of "
                + generator.getClass()
                + " elsewhere");
      }
    }

    private void find() throws NoSuchFieldException {
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
