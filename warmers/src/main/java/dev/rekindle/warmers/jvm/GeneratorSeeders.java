package dev.rekindle.warmers.jvm;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * Where generators that are made without a seed get one: a counter for each class, in a static
 * field whose name differs from class to class.
 */
final class GeneratorSeeders {
  private static final Set<Class<?>> WITH_SEEDER =
      Set.of(Random.class, ThreadLocalRandom.class, SplittableRandom.class);

  private GeneratorSeeders() {}

  /** The seeders of a generator's class. */
  static List<Renewable> of(Class<?> type) throws ReflectiveOperationException {
    boolean known = WITH_SEEDER.contains(type);
    List<Renewable> all = new ArrayList<>();
    // Whatever package they lie in: it changed with Java 25.
    if (known || (RandomGenerator.class.isAssignableFrom(type) && JdkInternals.isOfJdk(type))) {
      for (Field field : type.getDeclaredFields()) {
        if (field.getType() == AtomicLong.class && Modifier.isStatic(field.getModifiers())) {
          AtomicLong counter = (AtomicLong) JdkInternals.field(type, field.getName()).get(null);
          all.add(seeds -> counter.set(seeds.of(type.getName(), counter.get()).getLong()));
        }
      }
    }
    if (known && all.isEmpty()) {
      throw new NoSuchFieldException(
          "this JDK (" + Runtime.version() + ") keeps the seeder of " + type + " elsewhere");
    }
    return all;
  }
}
