package dev.rekindle.store.tier;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which snapshots stay on the local disk. Those that are pinned do; of the others as many as the
 * rest of the budget holds, chosen by how recently and how often they were used.
 */
final class LocalTier {
  /**
   * Caffeine weighs in ints: in this unit a budget of 2 TB fits, and no snapshot weighs nothing.
   */
  private static final int UNIT_BYTES = 1024;

  private static final class Pin {
    final long units;
    int count;
    boolean gone;

    Pin(long units) {
      this.units = units;
    }
  }

  private final long budgetUnits;
  private final Consumer<String> evict;
  private final Map<String, Pin> pins = new HashMap<>();
  private final List<String> evicted = new ArrayList<>();
  private final Cache<String, Integer> idle;
  private long pinnedUnits;

  /**
   * Makes an empty tier.
   *
   * @param budgetBytes the most it should hold
   * @param evict called, outside of locks, with each snapshot that has to go
   */
  LocalTier(long budgetBytes, Consumer<String> evict) {
    this.budgetUnits = budgetBytes / UNIT_BYTES;
    this.evict = evict;
    this.idle =
        Caffeine.newBuilder()
            .maximumWeight(budgetUnits)
            .<String, Integer>weigher((id, units) -> units)
            .executor(Runnable::run)
            .removalListener(
                (@Nullable String id, @Nullable Integer units, RemovalCause cause) -> {
                  if (id != null && cause == RemovalCause.SIZE) {
                    evicted.add(id);
                  }
                })
            .build();
  }

  /** It is in use, once more, and takes so many bytes. */
  void pin(String id, long bytes) {
    change(
        () -> {
          var pin = pins.computeIfAbsent(id, absent -> new Pin(units(bytes)));
          pin.gone = false;
          if (pin.count++ == 0) {
            var unused = idle.getIfPresent(id); // counts as a use
            idle.invalidate(id);
            pinnedUnits += pin.units;
          }
        });
  }

  /** One use of it has ended. */
  void unpin(String id) {
    change(
        () -> {
          var pin = pins.get(id);
          if (pin != null && --pin.count == 0) {
            pins.remove(id);
            pinnedUnits -= pin.units;
            if (!pin.gone) {
              idle.put(id, (int) pin.units);
            }
          }
        });
  }

  /** It is here and not in use. */
  void add(String id, long bytes) {
    pin(id, bytes);
    unpin(id);
  }

  /** It is gone; uses that have not ended yet still end. */
  void remove(String id) {
    change(
        () -> {
          idle.invalidate(id);
          var pin = pins.get(id);
          if (pin != null) {
            pin.gone = true;
          }
        });
  }

  /** Bytes of all that is here. */
  synchronized long bytes() {
    long units = pinnedUnits;
    for (int each : idle.asMap().values()) {
      units += each;
    }
    return units * UNIT_BYTES;
  }

  /** Makes a change, then tells of what had to go for it. */
  private void change(Runnable step) {
    List<String> gone;
    synchronized (this) {
      step.run();
      idle.policy()
          .eviction()
          .ifPresent(size -> size.setMaximum(Math.max(0, budgetUnits - pinnedUnits)));
      idle.cleanUp();
      gone = List.copyOf(evicted);
      evicted.clear();
    }
    gone.forEach(evict);
  }

  private static long units(long bytes) {
    return Math.min(Integer.MAX_VALUE, 1 + bytes / UNIT_BYTES);
  }
}
