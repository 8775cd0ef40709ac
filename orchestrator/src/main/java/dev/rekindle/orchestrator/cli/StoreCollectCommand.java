package dev.rekindle.orchestrator.cli;

import dev.rekindle.store.shared.GarbageCollection;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code rekindle store gc}: frees what no snapshot needs, beside services that run. */
@Command(
    name = "gc",
    description = {
      "Removes snapshots that the settings do not keep, and frees what no snapshot needs.",
      "What is not needed is condemned by one run and freed by a later one, at least the grace"
          + " period after."
    },
    mixinStandardHelpOptions = true)
final class StoreCollectCommand implements Callable<Integer> {
  @Mixin private final StoreOptions options = new StoreOptions();

  @Option(names = "--dry-run", description = "Changes nothing, and tells what it would do.")
  private boolean dryRun;

  @Override
  public Integer call() {
    return options.with(
        "gc",
        (store, config) -> {
          var collection =
              new GarbageCollection(
                  store.blobs(),
                  UUID.randomUUID().toString(),
                  Duration.ofMinutes(config.tiers().graceMinutes()));
          GarbageCollection.Report report = collection.run(config.tiers().retention(), dryRun);
          String would = dryRun ? "would be " : "";
          System.out.printf(
              "%s: %d snapshots, %d of them %sremoved%n"
                  + "  %d packs (%.1f MB) %sfreed, %d (%.1f MB) %scondemned; %.1f MB kept%n",
              store.blobs(),
              report.snapshots(),
              report.expired().size(),
              would,
              report.deleted(),
              report.freedBytes() / 1e6,
              would,
              report.condemned(),
              report.condemnedBytes() / 1e6,
              would,
              report.keptBytes() / 1e6);
          report.expired().forEach(id -> System.out.println("  " + would + "removed: " + id));
          report
              .unreadable()
              .forEach(
                  id ->
                      System.out.println(
                          "  unreadable: " + id + "; nothing is freed until it is deleted"));
          return report.unreadable().isEmpty() ? 0 : 1;
        });
  }
}
