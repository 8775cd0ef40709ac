package dev.rekindle.warmers.jvm;

import java.lang.management.OperatingSystemMXBean;
import java.security.SecureRandomSpi;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TimeZone;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLSessionContext;

/**
 * Clones must not be twins: renews what was frozen and must differ in every clone.
 *
 * <p>Renewed: the environment and the time zone; {@code Math.random} and every {@code Random}, also
 * those seeded on purpose, since frozen state cannot tell a wanted seed from chance; {@code
 * SplittableRandom} and the other generators of the JDK; {@code ThreadLocalRandom} of every thread;
 * what gives new generators their seeds; every {@code SecureRandom} (NativePRNG, DRBG, SHA1PRNG,
 * and providers of libraries by their own {@code setSeed}), and with it {@code UUID.randomUUID},
 * keys, names of temporary files and the like; sessions of TLS; the name of the log stream; the
 * start times of processes and the baselines of the processor's load. Needs nothing: clocks, which
 * Java does not cache.
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

  /**
   * Finds what is to be renewed; garbage should be collected before.
   *
   * @return the threads that there are, and what cannot be renewed, in words
   */
  Prepared prepare() throws ReflectiveOperationException {
    Class<?> kernelRandom = uninitialized("sun.security.provider.NativePRNG$RandomIO");
    Class<?> drbg = uninitialized(SecureGenerators.DRBG);
    Object[] objects =
        NativeCalls.instances(
            new Class<?>[] {
              RandomGenerator.class,
              SecureRandomSpi.class,
              kernelRandom,
              drbg,
              uninitialized(ProcessHandles.TYPE),
              OperatingSystemMXBean.class,
              Thread.class,
              SSLSessionContext.class
            });
    List<Renewable> all = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    Set<String> unknown = new TreeSet<>();
    for (Object object : objects) {
      if (object instanceof Class<?> type) {
        all.addAll(GeneratorSeeders.of(type));
      } else if (object instanceof RandomGenerator generator) {
        all.addAll(Generators.of(generator));
        if (Generators.isUnknown(generator)) {
          unknown.add(warning(generator));
        }
      } else if (object instanceof Thread thread) {
        all.add(new ThreadSeeds(thread));
        threads.add(thread);
      } else if (object instanceof SSLSessionContext sessions) {
        all.add(seeds -> forget(sessions));
      } else if (object instanceof SecureRandomSpi secure) {
        SecureGenerators.of(secure).ifPresent(all::add);
      } else if (drbg.isInstance(object)) {
        all.add(SecureGenerators.ofDrbg(object));
      } else if (object instanceof ProcessHandle handle) {
        ProcessHandles.of(handle).ifPresent(all::add);
      } else if (object instanceof OperatingSystemMXBean bean) {
        all.add(CpuLoad.of(bean));
      } else {
        all.add(SecureGenerators.ofKernel(object));
      }
    }
    new Seeds(new byte[1]).next(); // a clone finds the classes for it loaded
    found = all;
    return new Prepared(threads, List.copyOf(unknown));
  }

  /** What a search of the heap found beside what is to be renewed. */
  record Prepared(List<Thread> threads, List<String> warnings) {}

  private static Class<?> uninitialized(String name) throws ClassNotFoundException {
    return Class.forName(name, false, null);
  }

  private static String warning(RandomGenerator generator) {
    return "the state of "
        + generator.getClass().getName()
        + " is not known of this JDK ("
        + Runtime.version()
        + "): such generators draw the same in all clones, unless a hook replaces them";
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
