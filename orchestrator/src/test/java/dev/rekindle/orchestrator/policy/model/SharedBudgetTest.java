package dev.rekindle.orchestrator.policy.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class SharedBudgetTest {
  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
  private final SharedBudget shared = new SharedBudget(now::get, 100, 1e9, 1e9);
  private final Budget budget = shared.view("f");

  @Test
  void checkpoints_neverExceedTheHourlyLimit() {
    SplittableRandom random = new SplittableRandom(1);
    int taken = 0;
    for (int i = 0; i < 5_000; i++) {
      if (budget.mayCheckpoint(random.nextDouble())) {
        budget.checkpointed();
        taken++;
      }
    }
    assertThat(taken).isEqualTo(100);
    now.set(Instant.EPOCH.plusSeconds(3_601));
    assertThat(budget.mayCheckpoint(0.5)).isTrue();
  }

  @Test
  void lastCheckpoints_goToThoseThatSaveMost() {
    SplittableRandom random = new SplittableRandom(2);
    double early = 0;
    double late = 0;
    int taken = 0;
    for (int i = 0; i < 5_000 && taken < 100; i++) {
      double saved = random.nextDouble();
      if (budget.mayCheckpoint(saved)) {
        budget.checkpointed();
        taken++;
        if (taken <= 50) {
          early += saved;
        } else if (taken > 95) {
          late += saved;
        }
      }
    }
    assertThat(early / 50).isLessThan(0.65);
    assertThat(late / 5).isGreaterThan(0.75);
  }

  @Test
  void storage_isNotExceeded() {
    shared.stored(0.95e9);
    assertThat(budget.storageIsShort()).isTrue();
    assertThat(budget.mayHold(60_000_000, 1e9)).isFalse();
    shared.stored(0.1e9);
    assertThat(budget.storageIsShort()).isFalse();
    assertThat(budget.mayHold(60_000_000, 0)).isTrue();
  }

  @Test
  void priceOfMemory_risesWhileItIsShortAndFallsAfterwards() {
    assertThat(budget.nanosPerByteSecond()).isZero();
    shared.memory(2e9);
    double first = budget.nanosPerByteSecond();
    shared.memory(2e9);
    double second = budget.nanosPerByteSecond();
    assertThat(first).isPositive();
    assertThat(second).isGreaterThan(first);
    shared.memory(0.95e9); // near the limit: as it is
    assertThat(budget.nanosPerByteSecond()).isEqualTo(second);
    for (int i = 0; i < 200; i++) {
      shared.memory(0);
    }
    assertThat(budget.nanosPerByteSecond()).isZero();
  }

  @Test
  void refusal_namesTheLimitThatIsReached() {
    assertThat(shared.refusal()).isEmpty();
    shared.stored(1e9);
    assertThat(shared.refusal().orElseThrow()).contains("budget.storedMb");
    for (int i = 0; i < 100; i++) {
      shared.checkpointed();
    }
    assertThat(shared.refusal().orElseThrow()).contains("100", "budget.checkpointsPerHour");
    assertThat(shared.refusals()).isEqualTo(2);
    shared.stored(0);
    now.set(Instant.EPOCH.plusSeconds(3_601));
    assertThat(shared.refusal()).isEmpty();
  }

  @Test
  void fullStore_lets_whatSavesMoreThanTheOneThatWouldGo() {
    shared.stored(1e9, 2e-9);
    assertThat(shared.refusal()).isEmpty();
    assertThat(budget.mayHold(100_000_000, 0.1)).isFalse(); // 1e-9 s an hour for each byte
    assertThat(budget.mayHold(100_000_000, 0.3)).isTrue();
    shared.stored(1e9); // nothing can go
    assertThat(budget.mayHold(100_000_000, 1e9)).isFalse();
  }

  @Test
  void instances_areToldToTheirFunction() {
    assertThat(budget.instanceBytes()).isEmpty();
    shared.instances(Map.of("f", 1.5e6, "g", 60e6));
    assertThat(budget.instanceBytes()).hasValue(1.5e6);
    assertThat(shared.view("h").instanceBytes()).isEmpty();
  }
}
