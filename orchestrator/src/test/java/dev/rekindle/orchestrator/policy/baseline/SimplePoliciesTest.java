package dev.rekindle.orchestrator.policy.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rekindle.api.InvalidFieldException;
import dev.rekindle.api.PolicyChoice;
import dev.rekindle.orchestrator.policy.Policies;
import dev.rekindle.orchestrator.policy.model.Budget;
import dev.rekindle.orchestrator.policy.model.Life;
import dev.rekindle.orchestrator.policy.model.Policy;
import dev.rekindle.orchestrator.policy.model.PolicyContext;
import dev.rekindle.orchestrator.policy.model.PolicyState;
import dev.rekindle.orchestrator.policy.model.PolicyStateException;
import dev.rekindle.orchestrator.policy.model.RequestBins;
import dev.rekindle.orchestrator.policy.model.SnapshotView;
import dev.rekindle.orchestrator.policy.model.StartPlan;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Policies that learn nothing. */
class SimplePoliciesTest {
  private static Policy policy(String name, Map<String, Object> parameters) {
    return new Policies()
        .make(
            new PolicyChoice(name, parameters),
            new PolicyContext(
                "f",
                InstantSource.fixed(Instant.EPOCH),
                new SplittableRandom(1),
                Budget.UNLIMITED));
  }

  private static SnapshotView snapshot(String id, long request) {
    return new SnapshotView(id, request, true, Instant.EPOCH, 1);
  }

  private static Life life(String snapshot, long request, long served) {
    return new Life(
        snapshot.isEmpty() ? null : snapshot, request, served, 0, StartPlan.NO_CHECKPOINT);
  }

  @Test
  void afterInit_freezesBeforeTheFirstRequestOnly() {
    Policy policy = policy("after-init", Map.of());
    assertThat(policy.checkpoint(life("", 0, 0), List.of())).isTrue();
    assertThat(policy.checkpoint(life("", 1, 1), List.of())).isFalse();
    assertThat(policy.checkpoint(life("", 0, 0), List.of(snapshot("a", 0)))).isFalse();
    assertThat(policy.start(List.of(snapshot("a", 0)))).isEqualTo(StartPlan.restore("a"));
  }

  @Test
  void fixed_getsThereInSteps() {
    Policy policy = policy("fixed", Map.of("request", 10));
    assertThat(policy.checkpoint(life("", 10, 10), List.of())).isTrue();
    assertThat(policy.checkpointAtEviction(life("", 4, 4), List.of())).isTrue();
    List<SnapshotView> step = List.of(snapshot("a", 4));
    assertThat(policy.checkpointAtEviction(life("", 4, 4), step)).isFalse();
    assertThat(policy.checkpointAtEviction(life("a", 8, 4), step)).isTrue();
    List<SnapshotView> there = List.of(snapshot("a", 4), snapshot("b", 10));
    assertThat(policy.checkpoint(life("a", 10, 6), there)).isFalse();
    assertThat(policy.checkpointAtEviction(life("b", 14, 4), there)).isFalse();
    assertThat(policy.prune(there)).containsExactly("a");
    assertThat(policy.start(there)).isEqualTo(StartPlan.restore("b"));
  }

  @Test
  void onEvict_keepsWhatHasServedMost() {
    Policy policy = policy("on-evict", Map.of("lastRequest", 9));
    assertThat(policy.checkpoint(life("", 5, 5), List.of())).isFalse();
    assertThat(policy.checkpointAtEviction(life("", 5, 5), List.of())).isTrue();
    assertThat(policy.checkpointAtEviction(life("", 5, 5), List.of(snapshot("a", 5)))).isFalse();
    assertThat(policy.checkpointAtEviction(life("a", 10, 5), List.of(snapshot("a", 5)))).isTrue();
    assertThat(policy.checkpointAtEviction(life("a", 12, 3), List.of(snapshot("b", 9)))).isFalse();
  }

  @Test
  void keepAlive_wishesForItsIdleTime() {
    assertThat(policy("keep-alive", Map.of("idleSeconds", 90)).readiness().idle())
        .contains(Duration.ofSeconds(90));
  }

  @Test
  void everyPolicy_isDescribedAndRefusesWhatIsOutOfRange() {
    for (var description : new Policies().descriptions()) {
      assertThat(policy(description.name(), Map.of()).name()).isEqualTo(description.name());
      for (var parameter : description.parameters()) {
        Double maximum = parameter.maximum();
        assertThat(parameter.description()).endsWith(".");
        if (maximum != null) {
          assertThatThrownBy(
                  () -> policy(description.name(), Map.of(parameter.name(), maximum * 2)))
              .isInstanceOf(InvalidFieldException.class)
              .hasMessageContaining(parameter.name());
        }
      }
    }
  }

  @Test
  void everyPolicy_takesItsOwnStateAndNoOther() {
    for (var description : new Policies().descriptions()) {
      Policy policy = policy(description.name(), Map.of());
      policy.restore(policy.state());
      assertThatThrownBy(
              () -> policy.restore(new PolicyState("other", 1, policy.state().content())))
          .isInstanceOf(PolicyStateException.class);
    }
  }

  @Test
  void requestBins_areOrderedAndWithoutGaps() {
    long expected = 1;
    for (int bin = 0; bin < RequestBins.FINE + 20 * 1024; bin++) {
      assertThat(RequestBins.first(bin)).isEqualTo(expected);
      assertThat(RequestBins.of(expected)).isEqualTo(bin);
      expected += RequestBins.width(bin);
      assertThat(RequestBins.of(expected - 1)).isEqualTo(bin);
    }
  }
}
