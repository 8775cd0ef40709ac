package dev.rekindle.orchestrator.cli;

import dev.rekindle.api.client.RekindleClient;
import dev.rekindle.orchestrator.Criu;
import dev.rekindle.orchestrator.Service;
import dev.rekindle.orchestrator.StartupException;
import dev.rekindle.orchestrator.config.ServiceConfig;
import dev.rekindle.orchestrator.function.FunctionStore;
import dev.rekindle.warmers.SampleFunction;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code rekindle demo}: a function of each runtime starts cold, is frozen, and starts hot. */
@Command(
    name = "demo",
    description = "Shows cold starts, checkpoints and hot starts side by side, and cleans up.",
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
  @Option(
      names = "--clones",
      description = "How many invocations come at once (default: ${DEFAULT-VALUE}).",
      defaultValue = "10")
  private int clones;

  private final PrintStream out = System.out;

  @Override
  public Integer call() throws Exception {
    if (clones < 1 || clones > DemoRun.MAX_CLONES) {
      System.err.println("rekindle demo: --clones takes a number from 1 to " + DemoRun.MAX_CLONES);
      return 2;
    }
    Logger.getLogger("").setLevel(Level.WARNING); // the table is what there is to see
    Path data = Files.createTempDirectory("rekindle-demo");
    ServiceConfig config = ServiceConfig.load(null, Map.of("port", 0, "dataDir", data.toString()));
    try (Service service = Service.start(config, Criu.path())) {
      RekindleClient client = new RekindleClient(URI.create("http://127.0.0.1:" + service.port()));
      heads();
      for (SampleFunction sample : SampleFunction.heavy()) {
        row(sample, new DemoRun(client, sample, clones).run());
      }
      return 0;
    } catch (StartupException e) {
      System.err.println("rekindle demo: " + e.getMessage());
      return 1;
    } finally {
      FunctionStore.deleteTree(data);
    }
  }

  private void heads() {
    print("", "", "first", "response", "", "private", "MB", "snapshot", clones + " at once");
    print("runtime", "function", "cold ms", "hot ms", "ratio", "cold", "clone", "MB", "");
  }

  private void row(SampleFunction sample, DemoRun.Result result) {
    print(
        sample.runtime(),
        sample.about(),
        number(result.coldMs()),
        number(result.restoredMs()),
        number(result.coldMs() / result.restoredMs()) + "x",
        number(result.coldMb()),
        number(result.cloneMb()),
        number(result.snapshotMb()),
        String.format(
            Locale.ROOT,
            "%.0f ms, %d hot starts, %.0f MB for %d instances",
            result.burstMs(),
            result.hotStarts(),
            result.burstMb(),
            result.instances()));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  private void print(Object... columns) {
    out.printf("%-8s  %-32s%9s%10s%8s%10s%8s%10s  %s%n", columns);
  }
}
