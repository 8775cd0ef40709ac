package dev.rekindle.warmers.jvm;

import java.security.SecureRandomSpi;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TimeZone;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLSessionContext;

/**
 * Clones must not be twins: renews what was frozen and must differ in every clone.
 *
 * <p>Renewed: the environment and the time zone; {@code Math.random} and every {@code Random}, also
 * those seeded on purpose, since frozen state cannot tell a wanted seed from chance; {@code
 * SplittableRandom} and the generators of {@code jdk.random}; {@code ThreadLocalRandom} of every
 * thread; what gives new generators their seeds; every {@code SecureRandom} (NativePRNG, DRBG,
 * SHA1PRNG, and providers of libraries by their own {@code setSeed}), and with it {@code
 * UUID.randomUUID}, keys, names of temporary files and the like; sessions of TLS; the name of the
 * log stream. Needs nothing: clocks, which Java does not cache.
 *
 * <p>Cannot be renewed: the order in which {@code Set.of} and {@code Map.of} iterate, the identity
 * hash codes and the process id, which all clones of a snapshot share; values that a function drew
 * and kept; random generators of libraries that extend neither {@code Random} nor {@code
 * SecureRandomSpi}; what a thread of the function's own draws in the moment between the restore and
 * the renewal. A function renews such things in a hook of its own, {@code Resource.afterRestore}.
 */
final class Renewal {
  // Found before the checkpoint: looking for them later would touch all of the clone's memory.
  private List<Renewable> found = List.of();

  /** Finds what is to be renewed; garbage should be collected before. */
  void prepare() throws ReflectiveOperationException {
    Class<?> kernelRandom = Class.forName("sun.security.provider.NativePRNG$RandomIO");
    Object[] objects =
        NativeCalls.instances(
            new Class<?>[] {
              RandomGenerator.class,
              SecureRandomSpi.class,
              kernelRandom,
              Thread.class,
              SSLSessionContext.class
            });
    List<Renewable> all = new ArrayList<>();
    for (Object object : objects) {
      if (object instanceof Class<?> type) {
        all.addAll(GeneratorSeeders.of(type));
      } else if (object instanceof RandomGenerator generator) {
        all.addAll(Generators.of(generator));
      } else if (object instanceof Thread thread) {
        all.add(new ThreadSeeds(thread));
      } else if (object instanceof SSLSessionContext sessions) {
        all.add(seeds -> forget(sessions));
      } else if (object instanceof SecureRandomSpi secure) {
        SecureGenerators.of(secure).ifPresent(all::add);
      } else {
        all.add(SecureGenerators.ofKernel(object));
      }
    }
    new Seeds(new byte[1]).next(); // a clone finds the classes for it loaded
    found = all;
  }

  /** Lets go of what was found: the process goes on as itself. */
  void forget() {
    found = List.of();
  }

  /** Renews everything from the request's entropy. */
  void renew(Request request) throws ReflectiveOperationException {
    Seeds seeds = Seeds.ofHex(request.text("entropy", ""));
    renewEnvironment(request.environment());
    for (Renewable each : found) {
      each.renew(seeds);
    }
    forget();
    LogStream.name(seeds.next());
  }

  private static void renewEnvironment(Map<String, String> variables) {
    String before = EnvironmentVariables.get("TZ", "");
    EnvironmentVariables.set(variables);
    String zone = EnvironmentVariables.get("TZ", "");
    if (!zone.equals(before)) {
      NativeCalls.setTimeZone(zone);
      System.clearProperty("user.timezone"); // where the JDK remembers what it found
      TimeZone.setDefault(null);
    }
  }

  private static void forget(SSLSessionContext sessions) {
    for (byte[] id : Collections.list(sessions.getIds())) {
      var session = sessions.getSession(id);
      if (session != null) {
        session.invalidate();
      }
    }
  }
}
