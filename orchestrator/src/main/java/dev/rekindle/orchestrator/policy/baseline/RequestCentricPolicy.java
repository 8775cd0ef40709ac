package dev.rekindle.orchestrator.policy.baseline;

import static dev.rekindle.orchestrator.policy.model.Parameters.numeric;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.rekindle.api.PolicyParameter;
import dev.rekindle.orchestrator.policy.model.Beliefs;
import dev.rekindle.orchestrator.policy.model.Life;
import dev.rekindle.orchestrator.policy.model.Parameters;
import dev.rekindle.orchestrator.policy.model.PolicyContext;
import dev.rekindle.orchestrator.policy.model.PolicyState;
import dev.rekindle.orchestrator.policy.model.PolicyStateException;
import dev.rekindle.orchestrator.policy.model.Served;
import dev.rekindle.orchestrator.policy.model.SnapshotView;
import dev.rekindle.orchestrator.policy.model.Start;
import dev.rekindle.orchestrator.policy.model.StartPlan;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * The request-centric policy of Pronghorn: Kohli et al., "Pronghorn: Effective Checkpoint
 * Orchestration for Serverless Hot-Starts" (EuroSys '24), computed as its published artifact does,
 * with its weaknesses: choices depend on the unit of time (microseconds), restores and checkpoints
 * cost nothing in its eyes, one curve serves all snapshots, it never stops taking checkpoints, and
 * it sees nothing beyond its table of weights.
 */
public final class RequestCentricPolicy extends DecidingPolicy {
  /** The policy's name. */
  public static final String NAME = "request-centric";

  /** What the policy does, in a sentence. */
  public static final String DESCRIPTION =
      "Pronghorn's policy: draws snapshot and checkpoint by learnt request latencies; one"
          + " checkpoint in each life of an instance.";

  /** Numerator of the inverse latency and the addend that keeps it finite, in microseconds. */
  private static final double INVERSE_OF = 1e6;

  private static final double INVERSE_ADDEND = 1;
  private static final double NANOS_PER_MICRO = 1e3;
  private static final int FORMAT = 1;

  static final PolicyParameter LIFE =
      numeric("requestsPerInstance", 4, 1, 100_000, "How many requests an instance lives (beta).");
  static final PolicyParameter WINDOW =
      numeric("window", 100, 2, 100_000, "How many request numbers are learnt (W).");
  static final PolicyParameter ALPHA =
      numeric(
          "alpha", 0.5, 0.001, 1, "Weight of the newest latency in a request number's average.");
  static final PolicyParameter CAPACITY =
      numeric("maxSnapshots", 14, 1, 10_000, "More snapshots than this are pruned.");
  static final PolicyParameter BEST =
      numeric("keepBest", 0.4, 0, 1, "Share of the best snapshots that pruning keeps.");
  static final PolicyParameter RANDOM =
      numeric("keepRandom", 0.1, 0, 1, "Share of the other snapshots that pruning keeps.");

  /** All parameters. */
  public static final List<PolicyParameter> PARAMETERS =
      List.of(LIFE, WINDOW, ALPHA, CAPACITY, BEST, RANDOM);

  private final int life;
  private final int capacity;
  private final double alpha;
  private final double keepBest;
  private final double keepRandom;
  private final RandomGenerator random;

  /** Microseconds by request number, from 0; 0 means unexplored. Whole, as in the artifact. */
  private final long[] weights;

  /** A policy with the given parameters. */
  public RequestCentricPolicy(Parameters parameters, PolicyContext context) {
    super(context);
    life = parameters.wholeNumber(LIFE.name());
    capacity = parameters.wholeNumber(CAPACITY.name());
    alpha = parameters.number(ALPHA.name());
    keepBest = parameters.number(BEST.name());
    keepRandom = parameters.number(RANDOM.name());
    random = context.random();
    weights = new long[parameters.wholeNumber(WINDOW.name())];
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public StartPlan start(List<SnapshotView> ready) {
    if (!ready.isEmpty()) {
      int drawn = draw(probabilities(ready));
      if (drawn < ready.size()) {
        SnapshotView from = ready.get(drawn);
        Start restore = new Start.Restore(from.id());
        return start(from, new StartPlan(restore, checkpointAfter(from.request())), "it was drawn");
      }
    }
    return startCold(
        new StartPlan(Start.COLD, checkpointAfter(0)),
        ready.isEmpty() ? "there is no snapshot" : "it was drawn");
  }

  /** The softmax of {@link #inverse} over the pool and, last, a cold start. */
  double[] probabilities(List<SnapshotView> pool) {
    double[] values = new double[pool.size() + 1];
    for (int i = 0; i < pool.size(); i++) {
      values[i] = inverse(pool.get(i).request());
    }
    values[pool.size()] = inverse(0);
    double greatest = Double.NEGATIVE_INFINITY;
    for (double value : values) {
      greatest = Math.max(greatest, value);
    }
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.exp(values[i] - greatest);
      sum += values[i];
    }
    for (int i = 0; i < values.length; i++) {
      values[i] /= sum;
    }
    return values;
  }

  /** The weights by which the request to checkpoint at is drawn, for {@code from + 1} onwards. */
  double[] checkpointWeights(long from) {
    long end = Math.min(from + 1 + life, weights.length);
    double[] drawn = new double[(int) Math.max(0, end - from - 1)];
    for (int i = 0; i < drawn.length; i++) {
      drawn[i] = inverse(from + 1 + i);
    }
    return drawn;
  }

  private long checkpointAfter(long from) {
    double[] drawn = checkpointWeights(from);
    return drawn.length == 0 ? StartPlan.NO_CHECKPOINT : from + 1 + draw(drawn);
  }

  /** Mean of the inverse latencies of the requests that an instance from there would serve. */
  double inverse(long request) {
    long end = Math.min(request + life, weights.length);
    if (request >= end) {
      return 0;
    }
    double sum = 0;
    for (int i = (int) request; i < end; i++) {
      sum += INVERSE_OF / (weights[i] + INVERSE_ADDEND);
    }
    return sum / (end - request);
  }

  private int draw(double[] shares) {
    double sum = 0;
    for (double share : shares) {
      sum += share;
    }
    double point = random.nextDouble() * sum;
    for (int i = 0; i < shares.length - 1; i++) {
      point -= shares[i];
      if (point < 0) {
        return i;
      }
    }
    return shares.length - 1;
  }

  @Override
  public boolean checkpoint(Life seen, List<SnapshotView> snapshots) {
    return freeze(
        seen.served() > 0 && seen.request() == seen.checkpointAt(), seen, "this request was drawn");
  }

  @Override
  public void served(Served served) {
    long index = served.life().request() - 1;
    if (index >= weights.length) {
      return;
    }
    double micros = served.phases().handlerNanos() / NANOS_PER_MICRO;
    long old = weights[(int) index];
    weights[(int) index] = (long) (old == 0 ? micros : alpha * micros + (1 - alpha) * old);
    weights[weights.length - 1] = weights[weights.length - 2];
  }

  @Override
  public List<String> prune(List<SnapshotView> ready) {
    if (ready.size() <= capacity) {
      return List.of();
    }
    List<SnapshotView> ranked = new ArrayList<>(ready);
    ranked.sort(Comparator.comparingDouble(each -> -inverse(each.request())));
    int best = (int) Math.rint(keepBest * ranked.size());
    List<SnapshotView> others = ranked.subList(best, ranked.size());
    Set<String> kept = new HashSet<>();
    ranked.subList(0, best).forEach(each -> kept.add(each.id()));
    for (long i = Math.round(Math.rint(keepRandom * others.size())); i > 0; i--) {
      kept.add(others.get(random.nextInt(others.size())).id());
    }
    return remove(
        ready.stream().map(SnapshotView::id).filter(id -> !kept.contains(id)).toList(),
        ready,
        "it is neither among the best nor was it drawn to stay");
  }

  @Override
  public Beliefs beliefs(List<SnapshotView> ready) {
    double[] shares = probabilities(ready);
    List<Beliefs.Candidate> pool = new ArrayList<>();
    for (SnapshotView each : ready) {
      double inverse = inverse(each.request());
      pool.add(
          new Beliefs.Candidate(
              each.id(),
              each.request(),
              inverse == 0 ? Double.NaN : INVERSE_OF / 1e3 / inverse,
              0));
    }
    pool.sort(Comparator.comparingDouble(Beliefs.Candidate::scoreMs));
    return new Beliefs(curve(), pool, decisions(), Map.of("coldProbability", shares[ready.size()]));
  }

  /** The weights in blocks that widen with the request number, each with its mean. */
  private List<Beliefs.CurvePoint> curve() {
    List<Beliefs.CurvePoint> curve = new ArrayList<>();
    for (int begin = 0; begin < weights.length; ) {
      int end = Math.min(weights.length, Math.max(begin + 1, begin + begin / 5));
      int count = 0;
      double sum = 0;
      for (int i = begin; i < end; i++) {
        count += weights[i] > 0 ? 1 : 0;
        sum += weights[i];
      }
      if (count > 0) {
        double mean = sum / count / 1e3;
        curve.add(new Beliefs.CurvePoint(begin + 1L, end, count, mean, Double.NaN, Double.NaN));
      }
      begin = end;
    }
    return curve;
  }

  @Override
  public PolicyState state() {
    var content = JsonNodeFactory.instance.objectNode();
    ArrayNode micros = content.putArray("weightsMicros");
    for (long weight : weights) {
      micros.add(weight);
    }
    return new PolicyState(NAME, FORMAT, content);
  }

  @Override
  public void restore(PolicyState state) {
    state.check(NAME, FORMAT);
    JsonNode micros = state.content().path("weightsMicros");
    if (micros.size() != weights.length) {
      throw new PolicyStateException(
          "weightsMicros holds %d numbers, not %d".formatted(micros.size(), weights.length));
    }
    long[] read = new long[weights.length];
    for (int i = 0; i < read.length; i++) {
      JsonNode each = micros.get(i);
      if (!each.isIntegralNumber() || !each.canConvertToLong() || each.longValue() < 0) {
        throw new PolicyStateException("weightsMicros[%d] is no latency".formatted(i));
      }
      read[i] = each.longValue();
    }
    System.arraycopy(read, 0, weights, 0, read.length);
  }
}
