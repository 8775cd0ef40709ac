package dev.rekindle.orchestrator.policy.shadow;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rekindle.api.ShadowGain;
import dev.rekindle.orchestrator.policy.adaptive.Shift;
import dev.rekindle.orchestrator.policy.estimate.LatencyCurve;
import dev.rekindle.orchestrator.policy.estimate.Spread;
import dev.rekindle.orchestrator.policy.estimate.StartCosts;
import dev.rekindle.orchestrator.policy.model.Checkpointed;
import dev.rekindle.orchestrator.policy.model.Life;
import dev.rekindle.orchestrator.policy.model.PolicyStateException;
import dev.rekindle.orchestrator.policy.model.RequestBins;
import dev.rekindle.orchestrator.policy.model.Served;
import dev.rekindle.orchestrator.policy.model.Started;
import dev.rekindle.orchestrator.policy.model.StateJson;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * What requests, starts and checkpoints of a function really took, whoever decided on them: what
 * {@link Shadow} reckons with. Nanoseconds. What was never measured is assumed, as in {@link
 * StartCosts}: a restore at a quarter of a boot, a checkpoint at half of one, either with itself as
 * its standard error.
 */
final class Measured {
  private static final double RESTORE_SHARE = 0.25;
  private static final double CHECKPOINT_SHARE = 0.5;

  /** A start or a checkpoint counts at most this many times the mean of those before it. */
  private static final double OUTLIER = 5;

  /** What a first request takes beyond another one counts at most this many times that one. */
  private static final double SURCHARGE = 8;

  /** The curve is brought up to date with each request at first, then as they grow by this. */
  private static final double REFIT = 1.02;

  private static final int EACH_UNTIL = 64;

  private LatencyCurve curve = new LatencyCurve();
  private BitSet continued = new BitSet();
  private final Shift shift = new Shift();
  private Spread boot = new Spread();
  private Spread restore = new Spread();
  private Spread surcharge = new Spread();
  private Spread checkpoint = new Spread();
  private double bytes;
  private double samples;
  private double nextFit;

  void started(Started started) {
    add(started.snapshot() == null ? boot : restore, (double) started.nanos());
  }

  void checkpointed(Checkpointed checkpointed) {
    add(checkpoint, (double) checkpointed.workNanos());
    bytes = (double) checkpointed.bytes();
  }

  private static void add(Spread costs, double nanos) {
    costs.add(costs.isEmpty() ? nanos : Math.min(nanos, OUTLIER * costs.mean()));
  }

  /** Whether this request makes it certain that latencies are no longer what they were. */
  boolean shifts(Served served) {
    long request = served.life().request();
    return !first(served.life())
        && curve.samples(request) >= 2
        && shift.sees((double) served.phases().handlerNanos(), curve.seen(request));
  }

  /** Learns the curve anew. */
  void relearn() {
    curve.clear();
    continued.clear();
    shift.clear();
    samples = 0;
    nextFit = 0;
  }

  /**
   * A request was answered without an error. The first after a restore takes longer than the same
   * in an unbroken life, since memory comes back; that counts as a part of the restore.
   */
  void served(Served served) {
    double nanos = served.phases().handlerNanos();
    long request = served.life().request();
    int bin = RequestBins.of(request);
    if (first(served.life())) {
      if (continued.get(bin)) {
        double plain = curve.seen(request);
        surcharge.add(Math.min(nanos - plain, SURCHARGE * plain));
        return;
      }
    } else {
      continued.set(bin);
    }
    curve.add(request, nanos);
    samples++;
    if (samples >= nextFit) {
      curve.fit();
      nextFit = samples < EACH_UNTIL ? 0 : samples * REFIT;
    }
  }

  /** Whether a life's latest request is the first after a restore. */
  static boolean first(Life life) {
    return !life.cold() && life.served() == 1;
  }

  /** Latency by request number, as it is known now. */
  LatencyCurve curve() {
    return curve;
  }

  /** The same, brought up to date. */
  LatencyCurve fitted() {
    curve.fit();
    return curve;
  }

  double boot() {
    return boot.isEmpty() ? restore.mean() / RESTORE_SHARE : boot.mean();
  }

  /** A restore without what its first request takes longer. */
  double restore() {
    return restore.isEmpty() ? RESTORE_SHARE * boot.mean() : restore.mean();
  }

  double surcharge() {
    return surcharge.mean();
  }

  double checkpoint() {
    return checkpoint.isEmpty() ? CHECKPOINT_SHARE * boot() : checkpoint.mean();
  }

  /** What a snapshot takes in the store; 0 before there was one. */
  long bytes() {
    return (long) bytes;
  }

  /** The variance of a boot's cost. */
  double bootVariance() {
    return boot.isEmpty() ? boot() * boot() : boot.variance();
  }

  double restoreVariance() {
    return (restore.isEmpty() ? restore() * restore() : restore.variance())
        + (surcharge.isEmpty() ? 0 : surcharge.variance());
  }

  double checkpointVariance() {
    return checkpoint.isEmpty() ? checkpoint() * checkpoint() : checkpoint.variance();
  }

  /** What {@link ShadowGain#assumed} tells, of those that matter. */
  List<String> assumed(boolean boots, boolean restores, boolean checkpoints) {
    List<String> assumed = new ArrayList<>();
    if (boots && boot.isEmpty()) {
      assumed.add("boot");
    }
    if (restores && restore.isEmpty()) {
      assumed.add("restore");
    }
    if (checkpoints && checkpoint.isEmpty()) {
      assumed.add("checkpoint");
    }
    return assumed;
  }

  ObjectNode write() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.set("curve", curve.write());
    node.set("continued", StateJson.write(continued.toLongArray()));
    node.set("boot", boot.write());
    node.set("restore", restore.write());
    node.set("surcharge", surcharge.write());
    node.set("checkpoint", checkpoint.write());
    return node.put("bytes", bytes).put("samples", samples);
  }

  /**
   * What was kept.
   *
   * @throws PolicyStateException if it is damaged
   */
  static Measured read(StateJson json) {
    Measured measured = new Measured();
    measured.curve = LatencyCurve.read(json.object("curve"));
    measured.continued = BitSet.valueOf(json.bits("continued"));
    measured.boot = Spread.read(json, "boot");
    measured.restore = Spread.read(json, "restore");
    measured.surcharge = Spread.read(json, "surcharge");
    measured.checkpoint = Spread.read(json, "checkpoint");
    measured.bytes = json.number("bytes");
    measured.samples = json.number("samples");
    measured.curve.fit();
    return measured;
  }
}
