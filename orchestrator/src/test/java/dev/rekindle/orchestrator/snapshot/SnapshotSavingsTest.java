package dev.rekindle.orchestrator.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class SnapshotSavingsTest {
  private static final Duration BOOT = Duration.ofSeconds(1);
  private static final Duration RESTORE = Duration.ofMillis(20);

  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
  private final SnapshotSavings savings = new SnapshotSavings(now::get);

  private void use(String snapshot, int times, Duration every) {
    for (int i = 0; i < times; i++) {
      now.updateAndGet(t -> t.plus(every));
      savings.restored(snapshot, RESTORE);
    }
  }

  @Test
  void perHour_isUsesTimesWhatABootWouldHaveTakenLonger() {
    savings.booted("f", BOOT);
    use("s", 240, Duration.ofMinutes(6)); // ten an hour, for a day
    assertThat(savings.perHour("f", "s")).isBetween(9.0, 10.5); // 0.98 s each
  }

  @Test
  void perHour_fadesWhenNobodyComes() {
    savings.booted("f", BOOT);
    use("s", 100, Duration.ofMinutes(6));
    double busy = savings.perHour("f", "s");
    now.updateAndGet(t -> t.plus(Duration.ofDays(4)));
    assertThat(savings.perHour("f", "s")).isPositive().isLessThan(busy / 20);
  }

  @Test
  void perHour_newSnapshot_isWorthMoreThanAnOldOneThatIsHardlyUsed() {
    savings.booted("f", BOOT);
    use("old", 3, Duration.ofHours(12));
    assertThat(savings.perHour("f", "new")).isGreaterThan(savings.perHour("f", "old"));
  }

  @Test
  void perHour_slowerBoot_isWorthMore() {
    savings.booted("slow", BOOT);
    savings.booted("quick", RESTORE);
    assertThat(savings.perHour("slow", "a")).isGreaterThan(savings.perHour("quick", "b"));
    savings.restored("b", BOOT);
    assertThat(savings.perHour("quick", "b")).isZero(); // restores that take longer save nothing
  }

  @Test
  void keepOnly_forgetsTheRest() {
    savings.booted("f", BOOT);
    use("s", 50, Duration.ofMinutes(1));
    double before = savings.perHour("f", "s");
    savings.keepOnly(Set.of(), Set.of());
    assertThat(savings.perHour("f", "s")).isLessThan(before);
  }
}
