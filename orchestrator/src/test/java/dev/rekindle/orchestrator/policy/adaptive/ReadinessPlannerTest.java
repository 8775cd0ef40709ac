package dev.rekindle.orchestrator.policy.adaptive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.orchestrator.policy.model.ReadinessWish;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ReadinessPlannerTest {
  private static final double BYTES = 100e6;
  private static final double START_NANOS = 200e6;

  /** Requests one at a time. */
  private static Readiness every(long millis) {
    Readiness seen = new Readiness();
    for (int i = 0; i <= 100; i++) {
      seen.arrived(i * millis, 0);
    }
    return seen;
  }

  private static ReadinessWish plan(Readiness seen, double nanosPerByteSecond) {
    return ReadinessPlanner.plan(seen, START_NANOS, BYTES * nanosPerByteSecond / 1e3);
  }

  @Test
  void plan_fewGaps_leavesItToTheSettings() {
    Readiness seen = new Readiness();
    seen.arrived(0, 0);
    seen.arrived(5, 0);
    assertThat(plan(seen, 0)).isEqualTo(ReadinessWish.NONE);
  }

  @Test
  void plan_regularGaps_keepsInstancesJustLongEnough() {
    ReadinessWish wish = plan(every(60_000), 0);
    assertThat(wish.idle().orElseThrow())
        .isBetween(Duration.ofSeconds(60), Duration.ofSeconds(72)); // a bin is 19 % wide
    assertThat(wish.instances()).isEqualTo(1);
  }

  @Test
  void plan_dearMemory_letsRareInstancesGoAndKeepsFrequentOnes() {
    // 200 ms of waiting for 100 MB over 60 s is 0.033 ns for a byte and second.
    double price = 0.1;
    Duration rare = plan(every(60_000), price).idle().orElseThrow();
    Duration often = plan(every(2_000), price).idle().orElseThrow();
    assertThat(rare).isLessThan(Duration.ofSeconds(1));
    assertThat(often).isGreaterThanOrEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void plan_oneCallerInHaste_needsOneInstance() {
    // Gaps far below the time of a start, but never two requests at once.
    assertThat(plan(every(2), 0).instances()).isEqualTo(1);
  }

  @Test
  void plan_severalCallers_keepsAsManyUntilMemoryIsDear() {
    Readiness seen = new Readiness();
    for (int i = 0; i < 200; i++) {
      seen.arrived(5_000L * i, i % 4); // four at once, one of them alone first
    }
    int free = plan(seen, 0).instances();
    int dear = plan(seen, 0.3).instances();
    assertThat(free).isEqualTo(4);
    assertThat(dear).isPositive().isLessThan(free);
    assertThat(plan(seen, 10).instances()).isZero();
  }

  @Test
  void plan_rareCrowd_isChance() {
    Readiness seen = new Readiness();
    for (int i = 0; i < 400; i++) {
      seen.arrived(1_000L * i, i == 17 ? 12 : 0);
    }
    assertThat(plan(seen, 0).instances()).isEqualTo(1);
  }

  @Test
  void plan_manyCallers_hasALimit() {
    Readiness seen = new Readiness();
    for (int i = 0; i < 400; i++) {
      seen.arrived(10L * i, 500);
    }
    assertThat(plan(seen, 0).instances()).isEqualTo(Readiness.MOST_INSTANCES);
  }

  @Test
  void wish_afterASilence_keepsNothingReady() {
    Readiness seen = every(300);
    long last = 30_000;
    assertThat(seen.wish(last + 100, START_NANOS, 0).instances()).isEqualTo(1);
    assertThat(seen.wish(last + 5_000, START_NANOS, 0).instances()).isZero();
    seen.arrived(last + 5_000, 0);
    assertThat(seen.wish(last + 5_001, START_NANOS, 0).instances()).isEqualTo(1);
  }

  @Test
  void wish_changedPriceOrStart_isPlannedAnewAtOnce() {
    Readiness seen = every(60_000);
    Duration free = seen.wish(0, START_NANOS, 0).idle().orElseThrow();
    Duration dear = seen.wish(0, START_NANOS, 1e6).idle().orElseThrow();
    assertThat(dear).isLessThan(free);
    assertThat(seen.wish(0, 1e6 * START_NANOS, 1e6).idle().orElseThrow()).isEqualTo(free);
    assertThat(seen.wish(0, START_NANOS, 0).idle().orElseThrow()).isEqualTo(free);
  }

  @Test
  void plan_higherPrice_neverKeepsLonger() {
    SplittableRandom random = new SplittableRandom(17);
    for (int round = 0; round < 50; round++) {
      Readiness seen = new Readiness();
      double now = 0;
      double scale = Math.exp(12 * random.nextDouble());
      for (int i = 0; i < 300; i++) {
        now += scale * Math.exp(2 * random.nextGaussian());
        seen.arrived(Math.round(now), random.nextInt(4));
      }
      Duration before = Duration.ofDays(1_000);
      int more = Readiness.MOST_INSTANCES;
      for (double price : new double[] {0, 1e-4, 1e-2, 1, 100}) {
        ReadinessWish wish = plan(seen, price);
        assertThat(wish.instances()).isLessThanOrEqualTo(more);
        more = wish.instances();
        assertThat(wish.idle().orElseThrow()).isLessThanOrEqualTo(before);
        before = wish.idle().orElseThrow();
      }
    }
  }

  @Test
  void histogram_forgetsOldGaps() {
    GapHistogram gaps = every(60_000).gaps();
    for (int i = 0; i < 5_000; i++) {
      gaps.add(100);
    }
    assertThat(gaps.quantileMillis(0.99)).isLessThan(150);
    assertThat(gaps.perMilli()).isBetween(1 / 150.0, 1 / 90.0);
  }
}
