package dev.rekindle.warmers.jvm;

import java.lang.reflect.Field;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/** Where generators that are made without a seed get one: a counter for each class. */
final class GeneratorSeeders {
  /** The fields' names in OpenJDK 17 and later. */
  private static final Map<Class<?>, String> FIELDS =
      Map.of(
          Random.class, "seedUniquifier",
          ThreadLocalRandom.class, "seeder",
          SplittableRandom.class, "defaultGen");

  private static final String MORE_GENERATORS = "jdk.random";
  private static final String FIELD_OF_MORE = "defaultGen";

  private GeneratorSeeders() {}

  static Optional<Renewable> of(Class<?> type) throws ReflectiveOperationException {
    String name = FIELDS.get(type);
    if (name == null && type.getPackageName().equals(MORE_GENERATORS)) {
      for (Field field : type.getDeclaredFields()) {
        name = field.getName().equals(FIELD_OF_MORE) ? FIELD_OF_MORE : name;
      }
    }
    if (name == null) {
      return Optional.empty();
    }
    AtomicLong counter = (AtomicLong) JdkInternals.field(type, name).get(null);
    return Optional.of(seeds -> counter.set(seeds.of(type.getName(), counter.get()).getLong()));
  }
}
