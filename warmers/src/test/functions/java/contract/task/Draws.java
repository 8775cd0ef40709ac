package task;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DrbgParameters;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Draws from every random source of the JDK. */
public class Draws implements RequestHandler<Object, Map<String, Object>> {
  /** Keeps its state where its base class does not look. */
  public static final class Dice extends Random {
    private long state;

    Dice(long seed) {
      super(seed);
    }

    @Override
    public void setSeed(long seed) {
      super.setSeed(seed);
      state = seed;
    }

    @Override
    protected int next(int bits) {
      state = state * 6364136223846793005L + 1442695040888963407L;
      return (int) (state >>> (64 - bits));
    }
  }

  private final Random random = new Random(1);
  private final Random gaussian = new Random(2);
  private final Random dice = new Dice(3);
  private final SplittableRandom splittable = new SplittableRandom(4);
  private final Map<String, RandomGenerator> seeded = new LinkedHashMap<>();
  private final Map<String, RandomGenerator> kept = new LinkedHashMap<>();
  private final Map<String, SecureRandom> secure = new LinkedHashMap<>();
  private final ExecutorService other = Executors.newSingleThreadExecutor();

  public Draws() throws GeneralSecurityException {
    RandomGeneratorFactory.all()
        .filter(kind -> !kind.isStochastic() && !kind.name().endsWith("SecureRandom"))
        .sorted(java.util.Comparator.comparing(RandomGeneratorFactory::name))
        .forEach(
            kind -> {
              seeded.put(kind.name(), kind.create(5));
              kept.put(kind.name(), kind.create());
              kept.get(kind.name()).nextLong();
            });
    for (String name : new String[] {"SHA1PRNG", "DRBG"}) {
      SecureRandom.getInstance(name).nextLong(); // makes what seeds the next ones
    }
    secure.put("default", new SecureRandom());
    secure.put("non blocking", SecureRandom.getInstance("NativePRNGNonBlocking"));
    secure.put("SHA1PRNG", SecureRandom.getInstance("SHA1PRNG"));
    secure.put("DRBG", SecureRandom.getInstance("DRBG"));
    secure.put(
        "CTR_DRBG",
        SecureRandom.getInstance(
            "DRBG",
            DrbgParameters.instantiation(128, DrbgParameters.Capability.RESEED_ONLY, null)));
    SecureRandom seededSecure = SecureRandom.getInstance("SHA1PRNG");
    seededSecure.setSeed(6);
    secure.put("SHA1PRNG with a seed", seededSecure);
    // Leave state to be frozen.
    gaussian.nextGaussian();
    secure.values().forEach(SecureRandom::nextLong);
    Math.random();
    ThreadLocalRandom.current().nextLong();
    new Random().nextLong();
    new SplittableRandom().nextLong();
    UUID.randomUUID();
    other.execute(() -> ThreadLocalRandom.current().nextLong());
  }

  @Override
  public Map<String, Object> handleRequest(Object event, Context context) {
    Map<String, Object> drawn = new LinkedHashMap<>();
    drawn.put("seeded Random", random.nextLong());
    drawn.put("seeded Random, normal", gaussian.nextGaussian());
    drawn.put("seeded subclass", dice.nextLong());
    drawn.put("seeded SplittableRandom", splittable.nextLong());
    seeded.forEach((name, generator) -> drawn.put("seeded " + name, generator.nextLong()));
    secure.forEach((name, generator) -> drawn.put("SecureRandom " + name, generator.nextLong()));
    kept.forEach((name, generator) -> drawn.put("kept " + name, generator.nextLong()));
    seeded.keySet().forEach(name -> drawn.put("new " + name, RandomGenerator.of(name).nextLong()));
    drawn.put("UUID", UUID.randomUUID().toString());
    drawn.put("Math.random", Math.random());
    drawn.put("ThreadLocalRandom", ThreadLocalRandom.current().nextLong());
    drawn.put("new Random", new Random().nextLong());
    drawn.put("new SplittableRandom", new SplittableRandom().nextLong());
    drawn.put("new SecureRandom", new SecureRandom().nextLong());
    drawn.put("log stream", context.getLogStreamName());
    try {
      for (String name : new String[] {"SHA1PRNG", "DRBG"}) {
        drawn.put("new " + name, SecureRandom.getInstance(name).nextLong());
      }
      drawn.put("other thread", other.submit(() -> ThreadLocalRandom.current().nextLong()).get());
      Path file = Files.createTempFile("draw", "");
      drawn.put("temporary file", file.toString());
      Files.delete(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    return drawn;
  }
}
