package dev.rekindle.orchestrator.simulator;

import dev.rekindle.api.PolicyChoice;
import dev.rekindle.orchestrator.policy.Policies;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Judges a policy on many curves, costs and lengths of lives.
 *
 * @param judged the policy
 * @param curves what {@code --curve} takes, each
 * @param lives after how many requests instances are evicted, each
 * @param costs what starts and checkpoints cost, each
 * @param weather what the machine adds to the curves
 * @param requests how many requests come
 * @param seed start of all chance
 * @param runs how many seeds, from that one on
 */
record Evaluation(
    PolicyChoice judged,
    List<String> curves,
    List<Integer> lives,
    List<Costs> costs,
    Weather weather,
    int requests,
    long seed,
    int runs) {
  private static final int COSTLY_START = 3_000;

  /**
   * Draws sets of costs: the first is the simulator's default, the others lie anywhere between a
   * small script and a large virtual machine, each doubling alike.
   */
  static List<Costs> drawCosts(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Costs> drawn = new ArrayList<>(List.of(Costs.DEFAULT));
    while (drawn.size() < count) {
      double cold = MadeUpCurves.between(random, 70, COSTLY_START);
      double restore = MadeUpCurves.between(random, 5, Math.min(100, cold / 2));
      double checkpoint = MadeUpCurves.between(random, 50, 1_000);
      drawn.add(
          new Costs(
              Math.rint(cold),
              Math.rint(restore),
              Math.rint(checkpoint),
              Costs.DEFAULT.snapshotMb()));
    }
    return drawn.subList(0, count);
  }

  /**
   * Runs all cases, several at a time.
   *
   * @throws InvalidFileException if a curve cannot be read
   * @throws IllegalArgumentException if there is no such policy, parameter or made-up curve
   */
  List<EvaluationCase.Result> run(int threads) {
    Policies policies = new Policies();
    ExecutorService workers = Executors.newFixedThreadPool(threads);
    try {
      List<Future<EvaluationCase.Result>> running = new ArrayList<>();
      for (EvaluationCase each : cases()) {
        running.add(workers.submit(() -> each.judge(judged, policies)));
      }
      List<EvaluationCase.Result> results = new ArrayList<>();
      for (Future<EvaluationCase.Result> each : running) {
        results.add(each.get());
      }
      return results;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IllegalArgumentException refused) {
        throw refused; // the policy has no such parameter
      }
      throw new IllegalStateException("a case failed: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } finally {
      workers.shutdownNow();
    }
  }

  private List<EvaluationCase> cases() {
    List<EvaluationCase> cases = new ArrayList<>();
    for (String argument : curves) {
      Curve curve = Curve.named(argument).under(weather);
      for (int life : lives) {
        for (Costs cost : costs) {
          for (int run = 0; run < runs; run++) {
            cases.add(new EvaluationCase(curve, argument, cost, requests, life, seed + run));
          }
        }
      }
    }
    return cases;
  }
}
