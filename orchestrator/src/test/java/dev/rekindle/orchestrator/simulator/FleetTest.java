package dev.rekindle.orchestrator.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.rekindle.api.PolicyChoice;
import dev.rekindle.orchestrator.policy.Policies;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FleetTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void fleet_hasThePublishedStatistics(long seed) {
    for (FleetCheck check : FleetCheck.of(Fleet.make(2_000, seed))) {
      assertThat(check.holds()).as("%s", check).isTrue();
    }
  }

  @Test
  void check_findsAFleetThatDiffers() {
    List<FleetFunction> busyOnly =
        Fleet.make(2_000, 1).stream().filter(each -> each.perHour() > 60).toList();
    assertThat(FleetCheck.of(busyOnly)).anyMatch(check -> !check.holds());
  }

  @Test
  void quantiles_areThePublishedOnes() {
    assertThat(Fleet.rate(0.45)).isCloseTo(1, within(1e-9));
    assertThat(Fleet.rate(0.814)).isCloseTo(60, within(1e-6));
    assertThat(Fleet.rate(1)).isCloseTo(Fleet.FASTEST, within(1.0));
    assertThat(Normal.quantile(0.975)).isCloseTo(1.959963985, within(1e-8));
    assertThat(Normal.below(-1)).isCloseTo(0.158655254, within(1e-8));
  }

  @Test
  void run_keepsTheBudgetsAndSnapshotsSaveBoots() {
    FleetOptions.Settings settings = new FleetOptions.Settings(60, 2e9, 40e9, 4);
    FleetReport report =
        new FleetSimulation(settings, new Policies())
            .run(
                List.of(
                    new PolicyChoice("cold", Map.of()),
                    new PolicyChoice("after-first", Map.of()),
                    new PolicyChoice("adaptive", Map.of())));
    FleetReport.Row cold = report.policies().get(0);
    FleetReport.Row afterFirst = report.policies().get(1);
    FleetReport.Row adaptive = report.policies().get(2);
    for (FleetReport.Row row : report.policies()) {
      assertThat(row.memoryGbMean()).as(row.name()).isLessThanOrEqualTo(2);
      assertThat(
              row.coldPercent() + row.restoredPercent() + row.standbyPercent() + row.warmPercent())
          .isCloseTo(100, within(1e-6));
    }
    assertThat(adaptive.storedGb()).isLessThanOrEqualTo(40);
    assertThat(afterFirst.meanStartWaitMs()).isLessThan(0.3 * cold.meanStartWaitMs());
    assertThat(adaptive.meanStartWaitMs()).isLessThan(0.3 * cold.meanStartWaitMs());
  }
}
