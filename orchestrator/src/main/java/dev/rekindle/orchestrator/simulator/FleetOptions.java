package dev.rekindle.orchestrator.simulator;

import picocli.CommandLine.Option;

/** The options of {@code simulate --fleet}. */
final class FleetOptions {
  @Option(
      names = "--functions",
      description = "With --fleet: how many functions (default: ${DEFAULT-VALUE}).",
      converter = Count.class)
  private int functions = 2_000;

  @Option(
      names = "--memory-gb",
      description = "With --fleet: memory for idle instances, in GB (default: ${DEFAULT-VALUE}).",
      converter = Amount.class)
  private double memoryGb = 64;

  @Option(
      names = "--storage-gb",
      description = "With --fleet: store for all snapshots, in GB (default: ${DEFAULT-VALUE}).",
      converter = Amount.class)
  private double storageGb = 500;

  /**
   * The settings of a fleet.
   *
   * @param functions how many functions
   * @param memoryBytes for all idle and standby instances
   * @param storageBytes for all snapshots
   * @param seed start of all chance
   */
  record Settings(int functions, double memoryBytes, double storageBytes, long seed) {}

  /**
   * Checks the options.
   *
   * @throws IllegalArgumentException if there are too few functions for statistics
   */
  Settings settings(long seed) {
    if (functions < 100) {
      throw new IllegalArgumentException(
          "--functions is %d: fewer than 100 show no statistics".formatted(functions));
    }
    return new Settings(functions, memoryGb * 1e9, storageGb * 1e9, seed);
  }
}
