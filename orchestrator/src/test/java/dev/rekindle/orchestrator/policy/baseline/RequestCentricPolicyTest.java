package dev.rekindle.orchestrator.policy.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rekindle.api.PolicyChoice;
import dev.rekindle.orchestrator.policy.Policies;
import dev.rekindle.orchestrator.policy.model.Budget;
import dev.rekindle.orchestrator.policy.model.Life;
import dev.rekindle.orchestrator.policy.model.Phases;
import dev.rekindle.orchestrator.policy.model.Policy;
import dev.rekindle.orchestrator.policy.model.PolicyContext;
import dev.rekindle.orchestrator.policy.model.PolicyState;
import dev.rekindle.orchestrator.policy.model.PolicyStateException;
import dev.rekindle.orchestrator.policy.model.Served;
import dev.rekindle.orchestrator.policy.model.SnapshotView;
import dev.rekindle.orchestrator.policy.model.Start;
import dev.rekindle.orchestrator.policy.model.StartPlan;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The numbers expected here were worked by hand from the published formulas. */
class RequestCentricPolicyTest {
  private static RequestCentricPolicy policy(int life, int window) {
    PolicyContext context =
        new PolicyContext(
            "f", InstantSource.fixed(Instant.EPOCH), new SplittableRandom(5), Budget.UNLIMITED);
    return (RequestCentricPolicy)
        new Policies()
            .make(
                new PolicyChoice(
                    RequestCentricPolicy.NAME,
                    Map.of("requestsPerInstance", life, "window", window)),
                context);
  }

  private static void serve(Policy policy, long request, long micros) {
    Life life = new Life(null, request, 1, 0, StartPlan.NO_CHECKPOINT);
    policy.served(new Served(life, new Phases(7_000_000, micros * 1_000), false));
  }

  private static SnapshotView snapshot(String id, long request) {
    return new SnapshotView(id, request, true, Instant.EPOCH, 1);
  }

  @Test
  void inverse_isMeanOverTheLifeAhead() {
    RequestCentricPolicy policy = policy(2, 100);
    serve(policy, 1, 999_999); // 10^6 / (999999 + 1) = 1
    serve(policy, 2, 499_999); // 2
    serve(policy, 3, 249_999); // 4
    assertThat(policy.inverse(0)).isEqualTo(1.5);
    assertThat(policy.inverse(1)).isEqualTo(3);
    assertThat(policy.inverse(2)).isEqualTo((4 + 1e6) / 2); // request 4 is unexplored
  }

  @Test
  void inverse_atTheWindowsEnd_isMeanOfWhatIsLeft() {
    RequestCentricPolicy policy = policy(4, 3);
    serve(policy, 1, 999_999);
    serve(policy, 2, 499_999); // the last weight is made equal to the one before
    assertThat(policy.inverse(1)).isEqualTo(2);
    assertThat(policy.inverse(2)).isEqualTo(2);
    assertThat(policy.inverse(3)).isZero();
  }

  @Test
  void probabilities_areTheSoftmaxOverPoolAndColdStart() {
    RequestCentricPolicy policy = policy(1, 100);
    serve(policy, 1, 999_999); // cold start: 1
    serve(policy, 2, 499_999); // from request 1: 2
    serve(policy, 3, 333_332); // from request 2: 10^6 / 333333
    double three = 1e6 / 333_333;
    double sum = Math.exp(2 - three) + 1 + Math.exp(1 - three);
    double[] probabilities = policy.probabilities(List.of(snapshot("a", 1), snapshot("b", 2)));
    assertThat(probabilities[0]).isCloseTo(Math.exp(2 - three) / sum, within(1e-12));
    assertThat(probabilities[1]).isCloseTo(1 / sum, within(1e-12));
    assertThat(probabilities[2]).isCloseTo(Math.exp(1 - three) / sum, within(1e-12));
    // e^-1 : 1 : e^-2 to four digits
    assertThat(probabilities[0]).isCloseTo(0.2447, within(1e-4));
    assertThat(probabilities[1]).isCloseTo(0.6652, within(1e-4));
    assertThat(probabilities[2]).isCloseTo(0.0900, within(1e-4));
  }

  @Test
  void checkpointWeights_areProportionalToTheInverseOfTheNextRequests() {
    RequestCentricPolicy policy = policy(2, 100);
    for (int request = 1; request <= 4; request++) {
      serve(policy, request, 1_000_000L / request - 1); // inverse: 1, 2, 3.000003, 4
    }
    assertThat(policy.checkpointWeights(0)).hasSize(2);
    assertThat(policy.checkpointWeights(0)[0]).isCloseTo(2.5, within(1e-4));
    assertThat(policy.checkpointWeights(0)[1]).isCloseTo(3.5, within(1e-4));
    assertThat(policy.checkpointWeights(97)).hasSize(2);
    assertThat(policy.checkpointWeights(98)).hasSize(1);
    assertThat(policy.checkpointWeights(99)).isEmpty();
  }

  @Test
  void start_drawsTheCheckpointInProportion() {
    RequestCentricPolicy policy = policy(2, 100);
    for (int request = 1; request <= 4; request++) {
      serve(policy, request, 1_000_000L / request - 1);
    }
    int atOne = 0;
    for (int i = 0; i < 12_000; i++) {
      StartPlan plan = policy.start(List.of());
      assertThat(plan.start()).isEqualTo(Start.COLD);
      assertThat(plan.checkpointAt()).isBetween(1L, 2L);
      atOne += plan.checkpointAt() == 1 ? 1 : 0;
    }
    assertThat(atOne).isBetween(4_700, 5_300); // 2.5 / 6 of 12,000 is 5,000; the deviation is 54
  }

  @Test
  void served_movesHalfwayToTheNewLatency() {
    RequestCentricPolicy policy = policy(1, 100);
    serve(policy, 1, 1_000);
    serve(policy, 1, 2_001);
    assertThat(policy.inverse(0)).isEqualTo(1e6 / 1_501); // 1500.5, cut to whole microseconds
  }

  @Test
  void prune_above14_keepsTheBest40PercentAndATenthOfTheRest() {
    RequestCentricPolicy policy = policy(1, 100);
    List<SnapshotView> pool = new ArrayList<>();
    for (int i = 1; i <= 14; i++) {
      pool.add(snapshot("s" + i, i));
      serve(policy, i + 1, 1_000L * i);
    }
    assertThat(policy.prune(pool)).isEmpty();
    pool.add(snapshot("s15", 15));
    serve(policy, 16, 15_000);
    List<String> removed = policy.prune(pool);
    assertThat(removed).hasSize(8).doesNotContain("s1", "s2", "s3", "s4", "s5", "s6");
  }

  @Test
  void state_comesBackAndDamageIsRefused() {
    RequestCentricPolicy policy = policy(1, 10);
    serve(policy, 3, 12_345);
    PolicyState state = policy.state();
    RequestCentricPolicy other = policy(1, 10);
    other.restore(state);
    assertThat(other.inverse(2)).isEqualTo(1e6 / 12_346);
    assertThatThrownBy(() -> policy(1, 11).restore(state))
        .isInstanceOf(PolicyStateException.class)
        .hasMessageContaining("weightsMicros holds 10 numbers, not 11");
    ObjectNode content = state.content().deepCopy();
    content.withArray("weightsMicros").set(3, -1);
    assertThatThrownBy(() -> other.restore(new PolicyState(policy.name(), 1, content)))
        .hasMessageContaining("weightsMicros[3]");
    assertThat(other.inverse(2)).isEqualTo(1e6 / 12_346);
  }
}
