package dev.rekindle.orchestrator.policy.adaptive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.rekindle.orchestrator.policy.estimate.Drift;
import dev.rekindle.orchestrator.policy.model.Life;
import dev.rekindle.orchestrator.policy.model.SnapshotView;
import dev.rekindle.orchestrator.policy.model.StartPlan;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What changes with time, told from what changes with the request number. */
class DriftTest {
  private static final double NOISE = 0.3;

  /** Lives of 20 from two snapshots in turn; the second one's requests take twice as long. */
  private static final class Lives {
    final SplittableRandom random;
    final Drift drift = new Drift();
    final Anchor anchor = new Anchor();
    final SnapshotView first = new SnapshotView("first", 100, true, Instant.EPOCH, 1);
    final SnapshotView second = new SnapshotView("second", 200, true, Instant.EPOCH, 1);
    double now = 1;

    Lives(long seed) {
      random = new SplittableRandom(seed);
      anchor.settle(List.of(first, second), first, (old, better) -> 0);
    }

    /** A life in which the first requests after the restore are slower. */
    void live(SnapshotView from, double factor) {
      anchor.starts(from);
      for (int place = 1; place <= 20; place++) {
        double settling = 1 + 2 * Math.exp(-place / 5.0);
        double chance = Math.exp(NOISE * random.nextGaussian());
        Life life = new Life(from.id(), from.request() + place, place, 0, -1);
        anchor.served(life, 1e6 * now * settling * factor * chance, drift);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void drift_followsTheAnchorAlone(long seed) {
    Lives lives = new Lives(seed);
    for (int i = 0; i < 10; i++) {
      lives.live(lives.first, 1);
      lives.live(lives.second, 2);
    }
    assertThat(lives.drift.log()).isCloseTo(0, within(0.35));
    assertThat(lives.drift.noise()).isBetween(0.02, 0.3);
    lives.now = 4;
    for (int i = 0; i < 10; i++) {
      lives.live(lives.first, 1);
      lives.live(lives.second, 2);
    }
    assertThat(lives.drift.log()).isCloseTo(Math.log(4), within(0.35));
  }

  @Test
  void withoutNoiseAndChange_thereIsNone() {
    Drift drift = new Drift();
    for (int i = 0; i < 1_000; i++) {
      drift.passes();
      drift.sees(0);
    }
    assertThat(drift.factor()).isEqualTo(1);
  }

  @Test
  void outliers_moveItLittle() {
    Drift drift = new Drift();
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < 1_000; i++) {
      drift.passes();
      drift.sees(i % 50 == 49 ? Math.log(30) : NOISE * random.nextGaussian());
    }
    assertThat(drift.log()).isCloseTo(0, within(0.35));
  }

  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23, 24})
  void successor_isHeldAgainstItsPromise(long seed) {
    for (double kept : new double[] {0.5, 1}) {
      Lives lives = new Lives(seed);
      lives.live(lives.first, 1);
      List<SnapshotView> both = List.of(lives.first, lives.second);
      for (int i = 0; i < 2; i++) {
        assertThat(lives.anchor.keepsPromise("second")).as("before it is known").isFalse();
        SnapshotView from = lives.anchor.settle(both, lives.second, (a, b) -> Math.log(0.5));
        assertThat(from).isEqualTo(i == 0 ? lives.first : lives.second); // in turns
        assertThat(lives.anchor.isDue()).isTrue();
        lives.live(from, from.equals(lives.second) ? kept : 1);
      }
      assertThat(lives.anchor.among(both)).isEqualTo(lives.second);
      assertThat(lives.anchor.keepsPromise("second")).isEqualTo(kept < 1);
      assertThat(lives.anchor.keepsPromise("second")).as("told once").isFalse();
    }
  }

  @Test
  void successor_ofAnAnchorThatIsGone_takesOverAtOnce() {
    Lives lives = new Lives(1);
    List<SnapshotView> left = List.of(lives.second);
    assertThat(lives.anchor.among(left)).isNull();
    assertThat(lives.anchor.settle(left, lives.second, (a, b) -> 0)).isEqualTo(lives.second);
    assertThat(lives.anchor.among(left)).isEqualTo(lives.second);
    assertThat(lives.drift.factor()).isEqualTo(1);
  }

  @Test
  void handover_ends_whereRequestsFail() {
    Lives lives = new Lives(1);
    List<SnapshotView> both = List.of(lives.first, lives.second);
    int fromSecond = 0;
    for (int life = 0; life < 60; life++) { // none of them is told of a request
      SnapshotView from = lives.anchor.settle(both, lives.second, (a, b) -> -1);
      lives.anchor.starts(from);
      fromSecond += from.equals(lives.second) ? 1 : 0;
    }
    assertThat(fromSecond).isGreaterThan(30);
    assertThat(lives.anchor.among(both)).isEqualTo(lives.second);
    assertThat(lives.anchor.keepsPromise("second")).isFalse();
  }

  /** A snapshot is chosen because it was lucky; nothing got slower when it is not any more. */
  @ParameterizedTest
  @ValueSource(longs = {51, 52, 53, 54, 55, 56})
  void choosingTheLuckiest_doesNotLookLikeDrift(long seed) {
    Lives lives = new Lives(seed);
    List<SnapshotView> all = new ArrayList<>();
    Map<String, Double> looks = new HashMap<>();
    for (int i = 0; i < 8; i++) {
      all.add(new SnapshotView("s" + i, 100L * i, true, Instant.EPOCH, 1));
    }
    all.add(lives.first);
    for (int life = 0; life < 2_000; life++) {
      SnapshotView best = all.get(0);
      for (SnapshotView each : all) {
        if (looks.getOrDefault(each.id(), 0.0) < looks.getOrDefault(best.id(), 0.0)) {
          best = each;
        }
      }
      SnapshotView from = lives.anchor.settle(all, best, (a, b) -> 0);
      double log = NOISE * lives.random.nextGaussian();
      lives.anchor.served(
          new Life(from.id(), from.request() + 1, 1, 0, -1), Math.exp(log) * 1e6, lives.drift);
      looks.merge(from.id(), log, (old, now) -> old + 0.1 * (now - old)); // always a little wrong
    }
    assertThat(lives.drift.log())
        .isCloseTo(0, within(1.2)); // if the best were followed at once, each move would add to it
  }

  @Test
  void anchor_isDueAfterThreeOthers() {
    Lives lives = new Lives(1);
    lives.live(lives.first, 1);
    for (int i = 0; i < 3; i++) {
      assertThat(lives.anchor.isDue()).isFalse();
      lives.anchor.starts(lives.second);
    }
    assertThat(lives.anchor.isDue()).isTrue();
    lives.anchor.starts(lives.first);
    assertThat(lives.anchor.isDue()).as("it has served nothing yet").isTrue();
    lives.live(lives.first, 1);
    assertThat(lives.anchor.isDue()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(longs = {31, 32, 33, 34, 35})
  void shift_thatPassesIsNone_andOneThatLastsIs(long seed) {
    for (boolean lasts : new boolean[] {false, true}) {
      SplittableRandom random = new SplittableRandom(seed);
      Drift drift = new Drift();
      LastingShift shift = new LastingShift();
      int seen = 0;
      for (int i = 0; i < 1_500; i++) {
        boolean changed = i >= 500 && (lasts || i < 560);
        double off = (changed ? Math.log(3) : 0) + NOISE * random.nextGaussian();
        drift.passes();
        drift.sees(off);
        if (shift.sees(Math.exp(off), drift.factor(), true, drift)) {
          shift.clear();
          seen++;
        }
      }
      assertThat(seen).as("lasts: %s", lasts).isEqualTo(lasts ? 1 : 0);
    }
  }

  @Test
  void shift_isSeenWithoutAnAnchor() {
    SplittableRandom random = new SplittableRandom(7);
    Drift drift = new Drift(); // nothing moves it
    LastingShift shift = new LastingShift();
    int seen = 0;
    for (int i = 0; i < 4_000; i++) {
      double expected = seen == 0 ? 1 : 3;
      double is = i < 500 ? 1 : 3;
      boolean now =
          shift.sees(is * Math.exp(NOISE * random.nextGaussian()), expected, false, drift);
      seen += now ? 1 : 0;
      if (now) {
        shift.clear();
      }
    }
    assertThat(seen).isEqualTo(1);
  }

  @Test
  void nextSnapshot_waitsUntilRequestsHaveDoubled_orTheLastKeptItsPromise() {
    Builds builds = new Builds();
    assertThat(builds.mayGoTo(StartPlan.NO_CHECKPOINT, 5)).isFalse();
    assertThat(builds.mayGoTo(40, 5)).isTrue();
    builds.wanted(40, 50);
    assertThat(builds.mayGoTo(40, 50)).as("a step on the same way").isTrue();
    builds.wanted(42, 60);
    assertThat(builds.mayGoTo(42, 60)).as("a neighbour").isTrue();
    builds.wanted(60, 100);
    assertThat(builds.mayGoTo(60, 199)).as("another way").isFalse();
    assertThat(builds.arePutOff(199)).isTrue();
    assertThat(builds.mayGoTo(60, 200)).isTrue();
    builds.end(300);
    assertThat(builds.mayGoTo(80, 300)).isFalse();
    builds.clear();
    assertThat(builds.mayGoTo(80, 300)).isTrue();
  }
}
