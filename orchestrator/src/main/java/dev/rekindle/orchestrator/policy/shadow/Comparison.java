package dev.rekindle.orchestrator.policy.shadow;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rekindle.api.PolicyCost;
import dev.rekindle.api.ShadowGain;
import dev.rekindle.orchestrator.policy.estimate.LatencyCurve;
import dev.rekindle.orchestrator.policy.model.PolicyStateException;
import dev.rekindle.orchestrator.policy.model.RequestBins;
import dev.rekindle.orchestrator.policy.model.StateJson;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;

/**
 * Counts, for two policies side by side, which request numbers their requests had and what they
 * started and froze. What that cost is reckoned when somebody asks, both sides with the same
 * figures: so noise cancels out, and what both did alike costs alike. Nanoseconds.
 */
final class Comparison {
  /** Width of a stretch of request numbers whose trend is one and errs as one. */
  private static final double BLOCK = 0.2;

  /** Relative variance of latency where nobody has been: a compiler may halve it there. */
  private static final double UNSEEN_VARIANCE = 0.25;

  private static final double NANOS_PER_MS = 1e6;

  private final Instant since;
  private Side inForce = new Side();
  private Side shadow = new Side();
  private double requests;
  private double unobservedBefore;
  private double varianceBefore;

  /** What one of the two did. */
  private static final class Side {
    double[] visits = new double[0];
    int size;
    double boots;
    double restores;
    double checkpoints;
    double handlersBefore;

    void visit(int bin) {
      if (bin >= visits.length) {
        visits = Arrays.copyOf(visits, Math.max(bin + 1, Math.max(32, 2 * visits.length)));
      }
      visits[bin]++;
      size = Math.max(size, bin + 1);
    }

    void forgetVisits() {
      visits = new double[0];
      size = 0;
    }

    double visits(int bin) {
      return bin < visits.length ? visits[bin] : 0;
    }

    void start(boolean cold) {
      if (cold) {
        boots++;
      } else {
        restores++;
      }
    }

    PolicyCost cost(double handlers, Measured measured) {
      double starts =
          boots * measured.boot() + restores * (measured.restore() + measured.surcharge());
      double total = handlersBefore + handlers + starts + checkpoints * measured.checkpoint();
      return new PolicyCost(
          (long) boots, (long) restores, (long) checkpoints, total / NANOS_PER_MS);
    }

    ObjectNode write() {
      ObjectNode node = JsonNodeFactory.instance.objectNode();
      node.set("visits", StateJson.write(Arrays.copyOf(visits, size)));
      node.put("boots", boots).put("restores", restores).put("checkpoints", checkpoints);
      return node.put("handlersBefore", handlersBefore);
    }

    static Side read(StateJson json) {
      Side side = new Side();
      side.visits = json.numbers("visits");
      side.size = side.visits.length;
      side.boots = json.number("boots");
      side.restores = json.number("restores");
      side.checkpoints = json.number("checkpoints");
      side.handlersBefore = json.number("handlersBefore");
      return side;
    }
  }

  /** What the handlers of all requests took, and how sure that is. */
  private record Handlers(double inForce, double shadow, double variance, double unobserved) {}

  Comparison(Instant since) {
    this.since = since.truncatedTo(ChronoUnit.MILLIS); // as it is kept
  }

  /** A request had this number, and would have had that one. */
  void request(long inForceRequest, long shadowRequest) {
    requests++;
    inForce.visit(RequestBins.of(inForceRequest));
    shadow.visit(RequestBins.of(shadowRequest));
  }

  /** A caller waited for a start. */
  void startInForce(boolean cold) {
    inForce.start(cold);
  }

  /** A caller would have waited for a start. */
  void startShadow(boolean cold) {
    shadow.start(cold);
  }

  void checkpointInForce() {
    inForce.checkpoints++;
  }

  void checkpointShadow() {
    shadow.checkpoints++;
  }

  /** The curve is about to be learnt anew: what it says of the past is kept as it is now. */
  void settle(Measured measured) {
    Handlers handlers = handlers(measured);
    inForce.handlersBefore += handlers.inForce;
    shadow.handlersBefore += handlers.shadow;
    varianceBefore += handlers.variance;
    unobservedBefore += handlers.unobserved;
    inForce.forgetVisits();
    shadow.forgetVisits();
  }

  /** The estimate as of now. */
  ShadowGain gain(Measured measured) {
    Handlers handlers = handlers(measured);
    PolicyCost costs = inForce.cost(handlers.inForce, measured);
    PolicyCost others = shadow.cost(handlers.shadow, measured);
    double boots = inForce.boots - shadow.boots;
    double restores = inForce.restores - shadow.restores;
    double checkpoints = inForce.checkpoints - shadow.checkpoints;
    double variance =
        varianceBefore
            + handlers.variance
            + boots * boots * measured.bootVariance()
            + restores * restores * measured.restoreVariance()
            + checkpoints * checkpoints * measured.checkpointVariance();
    double total = costs.totalMs() - others.totalMs();
    double all = Math.max(1, requests);
    return new ShadowGain(
        since,
        (long) requests,
        total,
        total / all,
        Math.sqrt(variance) / NANOS_PER_MS,
        Math.min(1, (unobservedBefore + handlers.unobserved) / all),
        measured.assumed(boots != 0, restores != 0, checkpoints != 0),
        costs,
        others);
  }

  /**
   * Sums both sides. The variance has two parts: what each request number's own difference from the
   * trend leaves open, and the trend's error, which all numbers of a stretch share. In stretches
   * that nobody has seen, latency may be half or half as much again, everywhere alike.
   */
  private Handlers handlers(Measured measured) {
    LatencyCurve curve = measured.fitted();
    double noise = curve.noise() * curve.noise();
    double texture = curve.texture() * curve.texture();
    int size = Math.max(inForce.size, shadow.size);
    double ours = 0;
    double theirs = 0;
    double unobserved = 0;
    double variance = 0;
    double unseen = 0;
    for (int begin = 0; begin < size; ) {
      long first = RequestBins.first(begin);
      int end = Math.max(begin + 1, RequestBins.of((long) Math.ceil(first * (1 + BLOCK))));
      double net = 0;
      double samples = 0;
      int cells = 0;
      for (int bin = begin; bin < end; bin++) {
        double a = inForce.visits(bin);
        double b = shadow.visits(bin);
        long request = RequestBins.first(bin);
        double n = curve.samples(request);
        cells += n > 0 ? 1 : 0;
        samples += n;
        if (a == 0 && b == 0) {
          continue;
        }
        double expected = curve.at(request);
        ours += a * expected;
        theirs += b * expected;
        unobserved += n > 0 ? 0 : b;
        double off = (a - b) * curve.trendAt(request);
        double left = n > 0 && texture > 0 ? noise / n / (texture + noise / n) : 1;
        variance += off * off * texture * left;
        net += off * left;
      }
      if (cells > 0) {
        variance += net * net * (texture / cells + noise / samples);
      } else {
        unseen += net;
      }
      begin = end;
    }
    return new Handlers(ours, theirs, variance + unseen * unseen * UNSEEN_VARIANCE, unobserved);
  }

  ObjectNode write() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("sinceMs", (double) since.toEpochMilli()).put("requests", requests);
    node.put("unobservedBefore", unobservedBefore).put("varianceBefore", varianceBefore);
    node.set("inForce", inForce.write());
    node.set("shadow", shadow.write());
    return node;
  }

  /**
   * What was kept.
   *
   * @throws PolicyStateException if it is damaged
   */
  static Comparison read(StateJson json) {
    long sinceMs = (long) Math.min(json.number("sinceMs"), 1e15);
    Comparison comparison = new Comparison(Instant.ofEpochMilli(sinceMs));
    comparison.requests = json.number("requests");
    comparison.unobservedBefore = json.number("unobservedBefore");
    comparison.varianceBefore = json.number("varianceBefore");
    comparison.inForce = Side.read(json.object("inForce"));
    comparison.shadow = Side.read(json.object("shadow"));
    return comparison;
  }
}
