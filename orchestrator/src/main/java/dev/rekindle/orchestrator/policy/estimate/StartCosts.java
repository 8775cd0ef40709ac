package dev.rekindle.orchestrator.policy.estimate;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rekindle.orchestrator.policy.model.PolicyStateException;
import dev.rekindle.orchestrator.policy.model.SnapshotView;
import dev.rekindle.orchestrator.policy.model.StateJson;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What boots, restores, checkpoints and the first request after a restore cost, in nanoseconds. */
public final class StartCosts {
  /** Before there is a sample: shares of a boot, which the first start measures as a rule. */
  private static final double RESTORE_PRIOR = 0.25;

  private static final double CHECKPOINT_PRIOR = 0.5;

  /** A snapshot's own samples count against so many of all snapshots. */
  private static final double SHARED_WEIGHT = 2;

  private RobustMean boot = new RobustMean();
  private RobustMean restore = new RobustMean();
  private RobustMean checkpoint = checkpoints();
  private long boots;
  private final Map<String, OfSnapshot> snapshots = new HashMap<>();

  private static final class OfSnapshot {
    final RobustMean restore = new RobustMean();
    final RobustMean surcharge = new RobustMean();
    long lives;
  }

  /** The first ones of a service are slow: its own code is cold. */
  private static RobustMean checkpoints() {
    return new RobustMean(4);
  }

  /** A start took this long, from a snapshot or (null) from a boot. */
  public void started(@Nullable String snapshot, double nanos) {
    if (snapshot == null) {
      boot.add(nanos);
      boots++;
      return;
    }
    restore.add(nanos);
    OfSnapshot own = of(snapshot);
    own.restore.add(nanos);
    own.lives++;
  }

  /** A checkpoint took this long. */
  public void checkpointed(double nanos) {
    checkpoint.add(nanos);
  }

  /** What the first request after a restore took beyond the same request in an unbroken life. */
  public void surcharge(String snapshot, double nanos) {
    of(snapshot).surcharge.add(nanos);
  }

  private OfSnapshot of(String snapshot) {
    return snapshots.computeIfAbsent(snapshot, id -> new OfSnapshot());
  }

  /** A boot; where there was none yet, what the restores make likely. */
  public double boot() {
    return boot.or(restore.mean() / RESTORE_PRIOR);
  }

  /** A restore of a snapshot that does not exist yet. */
  public double restore() {
    return restore.or(RESTORE_PRIOR * boot.mean());
  }

  /** A restore of a snapshot, with the surcharge on its first request. */
  public double restore(String snapshot) {
    OfSnapshot own = snapshots.get(snapshot);
    return own == null
        ? restore()
        : own.restore.towards(restore(), SHARED_WEIGHT) + own.surcharge.towards(0, SHARED_WEIGHT);
  }

  /** A checkpoint. */
  public double checkpoint() {
    return checkpoint.or(CHECKPOINT_PRIOR * boot.mean());
  }

  /** How often a snapshot was restored. */
  public long lives(String snapshot) {
    OfSnapshot own = snapshots.get(snapshot);
    return own == null ? 0 : own.lives;
  }

  /** Forgets snapshots that are gone. */
  public void keepOnly(List<SnapshotView> present) {
    if (snapshots.size() > 2 * present.size() + 8) {
      Set<String> ids = present.stream().map(SnapshotView::id).collect(Collectors.toSet());
      snapshots.keySet().retainAll(ids);
    }
  }

  /** How often it was booted. */
  public long boots() {
    return boots;
  }

  /** What is kept across restarts; snapshots' own samples are gathered anew. */
  public ObjectNode write() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    write(node, "boot", boot);
    write(node, "restore", restore);
    write(node, "checkpoint", checkpoint);
    return node;
  }

  private static void write(ObjectNode node, String name, RobustMean mean) {
    node.set(name, StateJson.write(new double[] {mean.count(), mean.mean()}));
  }

  /**
   * What was kept.
   *
   * @throws PolicyStateException if it is damaged
   */
  public static StartCosts read(StateJson json) {
    StartCosts costs = new StartCosts();
    costs.boot = mean(json, "boot", new RobustMean());
    costs.restore = mean(json, "restore", new RobustMean());
    costs.checkpoint = mean(json, "checkpoint", checkpoints());
    return costs;
  }

  private static RobustMean mean(StateJson json, String name, RobustMean empty) {
    double[] numbers = json.numbers(name, 2);
    return empty.from(numbers[0], numbers[1]);
  }
}
