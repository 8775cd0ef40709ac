package dev.rekindle.orchestrator.policy.model;

import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Limits for all functions of a node. As each limit comes near, only what saves more passes: the
 * bar rises from nothing, at nine tenths of the limit, to the best seen lately, at the limit. So
 * the first to ask does not take what a better one needs. One thread.
 */
public final class SharedBudget {
  private static final long HOUR_MS = 3_600_000;

  /** Offers that the bar is measured by. */
  private static final int REMEMBERED = 100;

  /** The first price of memory, in nanoseconds for a byte and second; below a hundredth it is 0. */
  private static final double LEAST_PRICE = 1e-4;

  /** It rises quickly, since memory that is not there cannot wait, and falls with care. */
  private static final double PRICE_RISE = 1.5;

  private static final double PRICE_FALL = 1.1;

  private final InstantSource clock;
  private final double checkpointsPerHour;
  private final double storedBytes;
  private final double memoryBytes;
  private final Deque<Long> taken = new ArrayDeque<>();
  private final Bar savings = new Bar();
  private final Bar density = new Bar();
  private Map<String, Double> instanceBytes = Map.of();
  private double held;
  private double largest;
  private double leastDensity = Double.POSITIVE_INFINITY;
  private double holding;
  private double price;
  private long refusals;

  /** The offers of late, and how good one must be. */
  private static final class Bar {
    private final double[] offers = new double[REMEMBERED];
    private int count;

    /** Whether an offer is good enough when this share of the limit is used. */
    boolean lets(double offer, double used) {
      int better = 0;
      int known = Math.min(count, REMEMBERED);
      for (int i = 0; i < known; i++) {
        if (offers[i] < offer) {
          better++;
        }
      }
      offers[count++ % REMEMBERED] = offer;
      double wanted = Math.max(0, 10 * used - 9);
      return used < 1 && (known == 0 || better >= wanted * known);
    }
  }

  /**
   * Sets the limits.
   *
   * @param clock tells the time
   * @param checkpointsPerHour of all functions
   * @param storedBytes of all snapshots
   * @param memoryBytes of all idle and standby instances
   */
  public SharedBudget(
      InstantSource clock, double checkpointsPerHour, double storedBytes, double memoryBytes) {
    this.clock = clock;
    this.checkpointsPerHour = checkpointsPerHour;
    this.storedBytes = storedBytes;
    this.memoryBytes = memoryBytes;
  }

  /** Tells what all snapshots take in the store now, where none of them can be taken back. */
  public void stored(double bytes) {
    stored(bytes, Double.POSITIVE_INFINITY);
  }

  /**
   * Tells what all snapshots take in the store now.
   *
   * @param bytes what they take
   * @param leastSecondsPerHourAndByte what the one that would go first saves callers; whatever
   *     saves more may be held in its place
   */
  public void stored(double bytes, double leastSecondsPerHourAndByte) {
    held = bytes;
    leastDensity = leastSecondsPerHourAndByte;
  }

  /**
   * Tells what idle and standby instances hold now; to be called regularly. Over the limit the
   * price of memory rises by half each time, below nine tenths of it it falls by a tenth.
   *
   * @param bytes what they hold
   */
  public void memory(double bytes) {
    holding = bytes;
    if (bytes > memoryBytes) {
      price = Math.max(price * PRICE_RISE, LEAST_PRICE);
    } else if (bytes < 0.9 * memoryBytes) {
      price = price < LEAST_PRICE / 100 ? 0 : price / PRICE_FALL;
    }
  }

  /** Tells what an idle instance of each function holds for itself, where that is known. */
  public void instances(Map<String, Double> bytesByFunction) {
    instanceBytes = new HashMap<>(bytesByFunction);
  }

  /** As {@link #limitReached()}, for a checkpoint that is wanted; a refusal is counted. */
  public Optional<String> refusal() {
    Optional<String> reason = limitReached();
    if (reason.isPresent()) {
      refusals++;
    }
    return reason;
  }

  /**
   * Why no checkpoint may be taken now, whoever wants it, or empty if one may. A full store is a
   * reason only where nothing in it can make room.
   */
  public Optional<String> limitReached() {
    if (checkpointsLastHour() >= checkpointsPerHour) {
      return Optional.of(
          "%d snapshots were taken within the last hour (budget.checkpointsPerHour)"
              .formatted(checkpointsLastHour()));
    }
    if (held >= storedBytes && leastDensity == Double.POSITIVE_INFINITY) {
      return Optional.of(
          "snapshots take %.0f MiB of %.0f (budget.storedMb)"
              .formatted(held / (1 << 20), storedBytes / (1 << 20)));
    }
    return Optional.empty();
  }

  /** A checkpoint was taken, whoever wanted it. */
  public void checkpointed() {
    taken.addLast(clock.millis());
  }

  /** How many checkpoints were taken within the last hour. */
  public int checkpointsLastHour() {
    long since = clock.millis() - HOUR_MS;
    while (!taken.isEmpty() && taken.getFirst() < since) {
      taken.removeFirst();
    }
    return taken.size();
  }

  /** What all snapshots take, in bytes, as told last. */
  public double storedBytes() {
    return held;
  }

  /** What idle and standby instances hold, in bytes, as told last. */
  public double memoryBytes() {
    return holding;
  }

  /** Whether idle and standby instances hold more than they may. */
  public boolean memoryIsShort() {
    return holding > memoryBytes;
  }

  /** The price of memory: see {@link Budget#nanosPerByteSecond()}. */
  public double price() {
    return price;
  }

  /** How many checkpoints were refused so far. */
  public long refusals() {
    return refusals;
  }

  /** The budget as the policy of one function sees it. */
  public Budget view(String function) {
    return new View(function);
  }

  private final class View implements Budget {
    private final String function;

    View(String function) {
      this.function = function;
    }

    @Override
    public boolean mayCheckpoint(double savedSeconds) {
      return counted(
          savings.lets(savedSeconds, checkpointsLastHour() / Math.max(1e-9, checkpointsPerHour)));
    }

    @Override
    public void checkpointed() {
      SharedBudget.this.checkpointed();
    }

    @Override
    public boolean mayHold(long bytes, double savedSecondsPerHour) {
      largest = Math.max(largest, (double) bytes);
      double room = bytes > 0 ? bytes : largest; // unknown before a function's first snapshot
      double offer = savedSecondsPerHour / Math.max(1, room);
      if (held + room > storedBytes) {
        return counted(offer > leastDensity);
      }
      return counted(density.lets(offer, held / Math.max(1, storedBytes)));
    }

    private boolean counted(boolean granted) {
      if (!granted) {
        refusals++;
      }
      return granted;
    }

    @Override
    public boolean storageIsShort() {
      return held > storedBytes / 4;
    }

    @Override
    public double nanosPerByteSecond() {
      return price;
    }

    @Override
    public OptionalDouble instanceBytes() {
      Double bytes = instanceBytes.get(function);
      return bytes == null ? OptionalDouble.empty() : OptionalDouble.of(bytes);
    }
  }
}
