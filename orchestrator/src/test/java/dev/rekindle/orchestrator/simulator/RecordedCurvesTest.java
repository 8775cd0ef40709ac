package dev.rekindle.orchestrator.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.api.PolicyChoice;
import dev.rekindle.orchestrator.policy.Policies;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Holds what {@code adaptive} reaches on recorded curves, as shares of {@code request-centric}'s
 * total and of that of the best fixed choice in hindsight. The bounds are what was reached, and a
 * twentieth: they are to notice a loss, not to praise.
 */
class RecordedCurvesTest {
  private static final Path CURVES = Path.of("../loadtests/src/main/resources/curves");

  @ParameterizedTest
  @CsvSource({
    "java-orders.csv, 1, 0.15, 1.06",
    "java-orders.csv, 4, 0.16, 1.07",
    "java-orders.csv, 20, 0.94, 1.12",
    "java-words.csv, 1, 0.67, 1.10",
    "java-words.csv, 4, 0.56, 1.08",
    "java-words.csv, 20, 0.91, 1.15",
    "nodejs-render.csv, 1, 0.14, 1.06",
    "nodejs-render.csv, 4, 0.59, 1.07",
    "nodejs-render.csv, 20, 0.96, 1.11",
    "nodejs-sort.csv, 1, 0.15, 1.07",
    "nodejs-sort.csv, 4, 0.17, 1.10",
    "nodejs-sort.csv, 20, 0.31, 1.31",
    "python-json.csv, 1, 0.14, 1.06",
    "python-json.csv, 4, 0.15, 1.08",
    "python-json.csv, 20, 0.21, 1.18",
    "python-tokens.csv, 1, 0.16, 1.07",
    "python-tokens.csv, 4, 0.19, 1.08",
    "python-tokens.csv, 20, 0.33, 1.11",
    "held-out/java-primes.csv, 1, 0.15, 1.08",
    "held-out/java-primes.csv, 4, 0.17, 1.13",
    "held-out/java-primes.csv, 20, 0.21, 1.14",
    "held-out/java-template.csv, 1, 0.15, 1.05",
    "held-out/java-template.csv, 4, 0.15, 1.07",
    "held-out/java-template.csv, 20, 0.18, 1.08",
    "held-out/nodejs-crypto.csv, 1, 0.15, 1.06",
    "held-out/nodejs-crypto.csv, 4, 0.16, 1.14",
    "held-out/nodejs-crypto.csv, 20, 0.18, 1.10",
    "held-out/nodejs-graph.csv, 1, 0.15, 1.07",
    "held-out/nodejs-graph.csv, 4, 0.57, 1.07",
    "held-out/nodejs-graph.csv, 20, 0.17, 1.08",
    "held-out/python-cached.csv, 1, 0.15, 1.09",
    "held-out/python-cached.csv, 4, 0.18, 1.31",
    "held-out/python-cached.csv, 20, 0.17, 1.10",
    "held-out/python-sql.csv, 1, 0.15, 1.06",
    "held-out/python-sql.csv, 4, 0.16, 1.09",
    "held-out/python-sql.csv, 20, 0.24, 1.09"
  })
  void adaptive_keepsWhatItReached(
      String file, int evictEvery, double ofRequestCentric, double ofFixed) {
    EvaluationCase each =
        new EvaluationCase(
            Curve.read(CURVES.resolve(file)), file, Costs.DEFAULT, 5_000, evictEvery, 1);
    EvaluationCase.Result result =
        each.judge(new PolicyChoice("adaptive", Map.of()), new Policies());
    assertThat(Target.BELOW_RIVAL.ratio(result)).isLessThan(ofRequestCentric);
    assertThat(Target.NEAR_FIXED.ratio(result)).isLessThan(ofFixed);
  }
}
