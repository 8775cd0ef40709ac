package dev.rekindle.orchestrator.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ReadinessPlannerTest {
  private static final double BYTES = 100e6;
  private static final double START_NANOS = 200e6;

  private static GapHistogram every(double millis) {
    GapHistogram gaps = new GapHistogram();
    for (int i = 0; i < 100; i++) {
      gaps.add(millis);
    }
    return gaps;
  }

  @Test
  void plan_fewGaps_leavesItToTheSettings() {
    GapHistogram gaps = new GapHistogram();
    gaps.add(5);
    assertThat(ReadinessPlanner.plan(gaps, START_NANOS, BYTES, 0)).isEqualTo(ReadinessWish.NONE);
  }

  @Test
  void plan_regularGaps_keepsInstancesJustLongEnough() {
    ReadinessWish wish = ReadinessPlanner.plan(every(60_000), START_NANOS, BYTES, 0);
    assertThat(wish.idle().orElseThrow())
        .isBetween(Duration.ofSeconds(60), Duration.ofSeconds(72)); // a bin is 19 % wide
    assertThat(wish.standby()).isZero();
  }

  @Test
  void plan_dearMemory_letsRareInstancesGoAndKeepsFrequentOnes() {
    // 200 ms of waiting for 100 MB over 60 s is 0.033 ns for a byte and second.
    double price = 0.1;
    Duration rare =
        ReadinessPlanner.plan(every(60_000), START_NANOS, BYTES, price).idle().orElseThrow();
    Duration often =
        ReadinessPlanner.plan(every(2_000), START_NANOS, BYTES, price).idle().orElseThrow();
    assertThat(rare).isLessThan(Duration.ofSeconds(1));
    assertThat(often).isGreaterThanOrEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void plan_bursts_wantsStandbyUntilMemoryIsDear() {
    GapHistogram gaps = new GapHistogram();
    for (int i = 0; i < 200; i++) {
      gaps.add(i % 4 == 0 ? 10_000 : 20);
    }
    int free = ReadinessPlanner.plan(gaps, START_NANOS, BYTES, 0).standby();
    int dear = ReadinessPlanner.plan(gaps, START_NANOS, BYTES, 1).standby();
    assertThat(free).isBetween(3, ReadinessPlanner.MOST_STANDBY);
    assertThat(dear).isLessThan(free);
  }

  @Test
  void plan_higherPrice_neverKeepsLonger() {
    SplittableRandom random = new SplittableRandom(17);
    for (int round = 0; round < 50; round++) {
      GapHistogram gaps = new GapHistogram();
      double scale = Math.exp(12 * random.nextDouble());
      for (int i = 0; i < 300; i++) {
        gaps.add(scale * Math.exp(2 * random.nextGaussian()));
      }
      Duration before = Duration.ofDays(1_000);
      for (double price : new double[] {0, 1e-4, 1e-2, 1, 100}) {
        ReadinessWish wish = ReadinessPlanner.plan(gaps, START_NANOS, BYTES, price);
        assertThat(wish.idle().orElseThrow()).isLessThanOrEqualTo(before);
        before = wish.idle().orElseThrow();
      }
    }
  }

  @Test
  void histogram_forgetsOldGaps() {
    GapHistogram gaps = every(60_000);
    for (int i = 0; i < 5_000; i++) {
      gaps.add(100);
    }
    assertThat(gaps.quantileMillis(0.99)).isLessThan(150);
    assertThat(gaps.perMilli()).isBetween(1 / 150.0, 1 / 90.0);
  }
}
