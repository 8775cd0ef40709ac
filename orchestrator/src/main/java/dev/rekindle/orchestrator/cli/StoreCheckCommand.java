package dev.rekindle.orchestrator.cli;

import dev.rekindle.store.shared.StoreCheck;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * {@code rekindle store check}: reads all that the store holds. Exit code 1 if something is bad.
 */
@Command(
    name = "check",
    description = "Reads every chunk of every snapshot and holds it against its digest.",
    mixinStandardHelpOptions = true)
final class StoreCheckCommand implements Callable<Integer> {
  @Mixin private final StoreOptions options = new StoreOptions();

  @Override
  public Integer call() {
    return options.with(
        "check",
        (store, config) -> {
          StoreCheck.Report report = new StoreCheck(store.blobs()).run();
          System.out.printf(
              "%s: %d snapshots, %.1f MB read, %d cannot be restored%n",
              store.blobs(),
              report.snapshots(),
              report.bytesRead() / 1e6,
              report.problems().size());
          report
              .problems()
              .forEach(problem -> System.out.println("  " + problem.id() + ": " + problem.why()));
          return report.problems().isEmpty() ? 0 : 1;
        });
  }
}
