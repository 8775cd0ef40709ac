package clones;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/** Tells what a clone has of its own, and churns its memory when asked. */
public class Twin implements RequestHandler<Map<String, Object>, Map<String, Object>> {
  private static final String BOOTED = UUID.randomUUID().toString();
  private static final Random SEEDED = new Random(7);
  private static final SecureRandom SECURE = new SecureRandom();
  private static final ScheduledExecutorService TIMER =
      Executors.newSingleThreadScheduledExecutor();
  private static final AtomicInteger TICKS = new AtomicInteger();
  private static long lastNanos;
  private static int served;

  @Override
  public Map<String, Object> handleRequest(Map<String, Object> event, Context context) {
    Map<String, Object> told = new LinkedHashMap<>();
    told.put("booted", BOOTED);
    told.put("served", ++served);
    try {
      switch (String.valueOf(event.get("do"))) {
        case "draw" -> told.put("drawn", draw());
        case "clocks" -> clocks(told, context);
        case "schedule" -> TIMER.schedule(TICKS::incrementAndGet, 3, TimeUnit.SECONDS);
        case "churn" -> told.put("sum", churn(number(event, "rounds"), new Random(number(event, "seed"))));
        default -> told.put("echo", event);
      }
      if (event.containsKey("gate")) {
        gate();
      }
    } catch (GeneralSecurityException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return told;
  }

  private static Map<String, Object> draw() {
    Map<String, Object> told = new LinkedHashMap<>();
    told.put("UUID.randomUUID", UUID.randomUUID().toString());
    told.put("SecureRandom", SECURE.nextLong());
    told.put("new SecureRandom", new SecureRandom().nextLong());
    told.put("ThreadLocalRandom", ThreadLocalRandom.current().nextLong());
    told.put("Math.random", Math.random());
    told.put("new Random", new Random().nextLong());
    told.put("seeded Random", SEEDED.nextLong());
    told.put("new SplittableRandom", new SplittableRandom().nextLong());
    told.put("new Xoshiro256PlusPlus", RandomGenerator.of("Xoshiro256PlusPlus").nextLong());
    told.put("new L64X128MixRandom", RandomGenerator.of("L64X128MixRandom").nextLong());
    return told;
  }

  private static void clocks(Map<String, Object> told, Context context) {
    told.put("epochMs", System.currentTimeMillis());
    told.put("remainingMs", context.getRemainingTimeInMillis());
    told.put("ticks", TICKS.get());
    long now = System.nanoTime();
    told.put("forwards", now >= lastNanos);
    lastNanos = now;
  }

  /** Waits until the test makes a file in the instance's socket directory. */
  private static void gate() throws InterruptedException {
    while (!Files.exists(Path.of("/run/rekindle/go"))) {
      Thread.sleep(5);
    }
  }

  private static int number(Map<String, Object> event, String field) {
    return ((Number) event.get(field)).intValue();
  }

  /** Allocates and forgets; the sum depends on every byte. */
  private static String churn(int rounds, Random random) throws GeneralSecurityException {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    List<byte[]> kept = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < 200; i++) {
        byte[] fresh = new byte[1 + random.nextInt(50_000)];
        for (byte b : fresh) {
          if (b != 0) {
            throw new IllegalStateException("new memory is not zero");
          }
        }
        java.util.Arrays.fill(fresh, (byte) i);
        kept.add(fresh);
        digest.update(kept.get(kept.size() / 2));
      }
      kept.subList(0, kept.size() / 2).clear();
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
