package dev.rekindle.orchestrator.simulator;

import java.util.Arrays;
import java.util.List;

/**
 * One statistic of a fleet beside the published one.
 *
 * @param statistic what it is
 * @param published the published value
 * @param generated the value in this fleet
 * @param tolerance how far apart they may be
 */
record FleetCheck(String statistic, double published, double generated, double tolerance) {
  /** Whether the fleet is like the traces in this. */
  public boolean holds() {
    return Math.abs(generated - published) <= tolerance;
  }

  /** Measures a fleet, from what was generated and not from what was intended. */
  static List<FleetCheck> of(List<FleetFunction> fleet) {
    double all = fleet.size();
    double requests = fleet.stream().mapToDouble(FleetFunction::perHour).sum();
    double busy =
        fleet.stream().mapToDouble(FleetFunction::perHour).filter(r -> r > 60).sum() / requests;
    double[] logs = fleet.stream().mapToDouble(f -> Math.log(f.meanSeconds())).sorted().toArray();
    double mu = Arrays.stream(logs).average().orElse(0);
    double variance = Arrays.stream(logs).map(x -> (x - mu) * (x - mu)).average().orElse(0);
    double fastest = fleet.stream().mapToDouble(FleetFunction::perHour).max().orElse(1);
    double slowest = fleet.stream().mapToDouble(FleetFunction::perHour).min().orElse(1);
    List<FleetFunction> measurable =
        fleet.stream().filter(each -> each.arrivals().size() >= 20).toList();
    double bursty =
        measurable.stream().filter(f -> f.gapVariation() > 1).count()
            / (double) Math.max(1, measurable.size());
    return List.of(
        new FleetCheck("share at most 1 request an hour", 0.45, share(fleet, 1, all), 0.02),
        new FleetCheck("share at most 1 request a minute", 0.81, share(fleet, 60, all), 0.02),
        new FleetCheck("requests of those above 1 a minute", 0.996, busy, 0.003),
        new FleetCheck("orders of magnitude of rates", 8, Math.log10(fastest / slowest), 1),
        new FleetCheck("mean of ln duration in s", -0.38, mu, 0.1),
        new FleetCheck("deviation of ln duration in s", 2.36, Math.sqrt(variance), 0.1),
        new FleetCheck("largest distance from Burr memory", 0, burrDistance(fleet), 0.05),
        new FleetCheck("share with gap CV above 1", 0.40, bursty, 0.05));
  }

  private static double share(List<FleetFunction> fleet, double perHour, double all) {
    return fleet.stream().filter(each -> each.perHour() <= perHour).count() / all;
  }

  /** The Kolmogorov-Smirnov distance of the memory sizes from the published distribution. */
  private static double burrDistance(List<FleetFunction> fleet) {
    double[] sizes = fleet.stream().mapToDouble(FleetFunction::memoryMb).sorted().toArray();
    double greatest = 0;
    for (int i = 0; i < sizes.length; i++) {
      double x = Math.pow(sizes[i] / Fleet.BURR_LAMBDA, Fleet.BURR_C);
      double expected = 1 - Math.pow(1 + x, -Fleet.BURR_K);
      greatest = Math.max(greatest, Math.abs(expected - (i + 0.5) / sizes.length));
    }
    return greatest;
  }
}
