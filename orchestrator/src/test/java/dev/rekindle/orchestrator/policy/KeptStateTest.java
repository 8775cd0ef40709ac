package dev.rekindle.orchestrator.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rekindle.api.PolicyChoice;
import dev.rekindle.orchestrator.policy.model.Budget;
import dev.rekindle.orchestrator.policy.model.Checkpointed;
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
import dev.rekindle.orchestrator.policy.model.Started;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Policies after a restart: whatever was kept, and whatever became of their snapshots. */
class KeptStateTest {
  private static final double[] ODD = {
    0, 1, -1, 0.5, 1e-300, 4096, 1e9, 1e18, 9e18, 1e60, 1e300, Double.NaN, 1e-9
  };

  static Stream<String> names() {
    return new Policies().descriptions().stream().map(each -> each.name());
  }

  private static Policy make(String name, long seed) {
    return new Policies()
        .make(
            new PolicyChoice(name, Map.of()),
            new PolicyContext(
                "f",
                InstantSource.fixed(Instant.EPOCH),
                new SplittableRandom(seed),
                Budget.UNLIMITED));
  }

  /** Some lives, from pools that change as they like; the answers must make sense. */
  private static void live(Policy policy, SplittableRandom random, int lives) {
    for (int i = 0; i < lives; i++) {
      List<SnapshotView> pool = pool(random, i);
      List<String> ids = pool.stream().map(SnapshotView::id).toList();
      policy.arrived(random.nextInt(4));
      assertThat(ids).containsAll(policy.prune(pool));
      StartPlan plan = policy.start(pool);
      String from = plan.start() instanceof Start.Restore restore ? restore.snapshotId() : null;
      long request = 0;
      if (from != null) {
        assertThat(ids).contains(from);
        request = pool.get(ids.indexOf(from)).request();
      }
      policy.started(new Started(from, random.nextLong(1, 1_000_000_000), 0));
      long served = random.nextLong(0, 30);
      Life life = new Life(from, request, 0, 0, plan.checkpointAt());
      for (long k = 1; k <= served; k++) {
        life = new Life(from, request + k, k, 0, plan.checkpointAt());
        long nanos = random.nextLong(1, 100_000_000);
        policy.served(new Served(life, new Phases(0, nanos), random.nextInt(20) == 0));
        if (policy.checkpoint(life, pool(random, i))) {
          policy.checkpointed(new Checkpointed("new" + i, life.request(), 1_000_000, 1_000));
        }
      }
      var unused = policy.checkpointAtEviction(life, pool(random, i));
      policy.ended(life);
      Object told = policy.training(pool);
      told = policy.beliefs(pool);
      assertThat(told).isNotNull();
      assertThat(policy.readiness().standby()).isBetween(0, 100);
    }
  }

  private static List<SnapshotView> pool(SplittableRandom random, int round) {
    List<SnapshotView> pool = new ArrayList<>();
    for (int n = random.nextInt(5); n > 0; n--) {
      long request =
          switch (random.nextInt(100)) {
            case 0 -> random.nextLong(0, 1L << 40);
            case 1, 2, 3 -> random.nextLong(0, 20_000);
            default -> random.nextLong(0, random.nextInt(3) == 0 ? 5 : 500);
          };
      pool.add(
          new SnapshotView(
              "s" + round + "-" + n, request, true, Instant.EPOCH, random.nextLong(0, 1L << 32)));
    }
    return pool;
  }

  @ParameterizedTest
  @MethodSource("names")
  void restored_withOtherSnapshots_goesOn(String name) {
    for (long seed = 1; seed <= 10; seed++) {
      Policy before = make(name, seed);
      live(before, new SplittableRandom(seed), 40);
      Policy after = make(name, seed);
      after.restore(before.state());
      live(after, new SplittableRandom(seed + 1_000), 40);
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void anyState_isRefusedOrLivedWith(String name) {
    SplittableRandom random = new SplittableRandom(17);
    Policy source = make(name, 1);
    live(source, random, 60);
    PolicyState good = source.state();
    for (int i = 0; i < 150; i++) {
      JsonNode content = good.content().deepCopy();
      for (int n = 1 + random.nextInt(4); n > 0; n--) {
        damage(content, random);
      }
      Policy fresh = make(name, i);
      try {
        fresh.restore(new PolicyState(good.policy(), good.format(), content));
      } catch (PolicyStateException e) {
        assertThat(e).hasMessageContaining("it learns anew");
        assertThat(fresh.state().content()).isEqualTo(make(name, i).state().content());
      }
      live(fresh, random, 5);
    }
  }

  /** Changes one thing somewhere in it. */
  private static void damage(JsonNode node, SplittableRandom random) {
    if (node instanceof ObjectNode object && !object.isEmpty()) {
      List<String> fields = List.copyOf(new TreeSet<>(fieldsOf(object)));
      String field = fields.get(random.nextInt(fields.size()));
      switch (random.nextInt(6)) {
        case 0 -> object.remove(field);
        case 1 -> object.put(field, ODD[random.nextInt(ODD.length)]);
        case 2 -> object.putNull(field);
        default -> damage(object.get(field), random);
      }
    } else if (node instanceof ArrayNode array && !array.isEmpty()) {
      int at = random.nextInt(array.size());
      switch (random.nextInt(6)) {
        case 0 -> array.remove(at);
        case 1 -> array.add(7);
        case 2 -> array.set(at, "x");
        default -> array.set(at, ODD[random.nextInt(ODD.length)]);
      }
    }
  }

  private static List<String> fieldsOf(ObjectNode object) {
    return object.properties().stream().map(Map.Entry::getKey).toList();
  }

  /** A new policy, or one whose state is lost, finds snapshots that others left. */
  @Test
  void adaptive_withoutKnowledge_startsFromASnapshotThatIsThere() {
    Policy policy = make("adaptive", 1);
    List<SnapshotView> pool =
        List.of(
            new SnapshotView("a", 1, true, Instant.EPOCH, 1),
            new SnapshotView("b", 7, true, Instant.EPOCH, 1));
    assertThat(policy.start(pool).start()).isEqualTo(new Start.Restore("b"));
    policy.started(new Started("b", 20_000_000, 0));
    policy.served(new Served(new Life("b", 8, 1, 0, -1), new Phases(0, 5_000_000), false));
    policy.ended(new Life("b", 8, 1, 0, -1));
    assertThat(policy.start(pool).start()).isInstanceOf(Start.Restore.class);
  }

  @Test
  void longestState_isRefused() {
    Policy policy = make("adaptive", 1);
    live(policy, new SplittableRandom(1), 10);
    ObjectNode content = policy.state().content().deepCopy();
    ArrayNode samples = ((ObjectNode) content.get("curve")).withArray("samples");
    while (samples.size() < 100_000) {
      samples.add(1);
    }
    Policy fresh = make("adaptive", 1);
    try {
      fresh.restore(new PolicyState("adaptive", 1, content));
      throw new AssertionError("a curve of 100,000 bins was taken");
    } catch (PolicyStateException e) {
      assertThat(e).hasMessageContaining("samples");
    }
  }
}
