package dev.rekindle.loadtests.policies;

import dev.rekindle.loadtests.run.Machine;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What {@code bench policies} found.
 *
 * @param machine where it ran
 * @param date when it began
 * @param requests invocations of each function under each policy
 * @param evictEvery after how many of these all instances were evicted
 * @param functions the functions, with a row for each policy
 */
record PoliciesReport(
    Machine machine, Instant date, int requests, int evictEvery, List<Trials> functions) {
  static final String ADAPTIVE = "adaptive";

  /** Copies the list. */
  PoliciesReport {
    functions = List.copyOf(functions);
  }

  /**
   * One function under all policies.
   *
   * @param runtime its runtime
   * @param about what it is
   * @param policies a row for each policy
   */
  record Trials(String runtime, String about, List<Row> policies) {
    /** Copies the list. */
    Trials {
      policies = List.copyOf(policies);
    }

    /** The policy with the least total of those that are not {@code adaptive}. */
    Optional<Row> best() {
      return policies.stream()
          .filter(row -> !row.isAdaptive())
          .min(Comparator.comparingDouble(Row::totalSeconds));
    }

    /** The row of {@code adaptive}. */
    Optional<Row> adaptive() {
      return policies.stream().filter(Row::isAdaptive).findFirst();
    }
  }

  /**
   * One function under one policy. Times are from sending a request until its reply was there.
   *
   * @param policy its name, with the parameters that are not defaults
   * @param totalSeconds all times, and the pauses of its checkpoints
   * @param p50Ms the median
   * @param p99Ms what 99 of 100 did not exceed
   * @param firstResponseMs mean of the first request after an eviction
   * @param checkpoints how many snapshots were taken
   * @param cold requests that a booted instance answered first
   * @param restored requests that a restored instance answered first
   * @param standby requests that found an instance restored ahead
   * @param warm the other requests
   * @param storedMb the most that its snapshots took after a life, in 10^6 bytes
   * @param snapshotsAt after which request the snapshots were taken that are left
   * @param firstRequests the numbers of the requests that came first after an eviction
   * @param latenciesMs all times, in order
   */
  record Row(
      String policy,
      double totalSeconds,
      double p50Ms,
      double p99Ms,
      double firstResponseMs,
      long checkpoints,
      long cold,
      long restored,
      long standby,
      long warm,
      double storedMb,
      List<Long> snapshotsAt,
      List<Integer> firstRequests,
      List<Double> latenciesMs) {
    /** Copies the lists. */
    Row {
      snapshotsAt = List.copyOf(snapshotsAt);
      firstRequests = List.copyOf(firstRequests);
      latenciesMs = List.copyOf(latenciesMs);
    }

    private boolean isAdaptive() {
      return policy.equals(ADAPTIVE) || policy.startsWith(ADAPTIVE + ":");
    }
  }
}
