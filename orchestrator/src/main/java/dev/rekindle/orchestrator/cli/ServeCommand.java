package dev.rekindle.orchestrator.cli;

import dev.rekindle.api.InvalidFieldException;
import dev.rekindle.orchestrator.Criu;
import dev.rekindle.orchestrator.Service;
import dev.rekindle.orchestrator.StartupException;
import dev.rekindle.orchestrator.config.ServiceConfig;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code rekindle serve}: runs the service until it is told to end. */
@Command(
    name = "serve",
    description = "Runs the service until SIGTERM.",
    mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {
  @Option(names = "--port", description = "The port to listen on; 0 takes a free one.")
  private @Nullable Integer port;

  @Option(names = "--host", description = "The address to listen on.")
  private @Nullable String host;

  @Option(names = "--data-dir", description = "Where functions and snapshots are kept.")
  private @Nullable Path dataDir;

  @Option(names = "--config", description = "A JSON file with settings.")
  private @Nullable Path config;

  @Override
  public Integer call() throws InterruptedException {
    Service service;
    try {
      Map<String, Object> overrides = new LinkedHashMap<>();
      if (port != null) {
        overrides.put("port", port);
      }
      if (host != null) {
        overrides.put("host", host);
      }
      if (dataDir != null) {
        overrides.put("dataDir", dataDir.toString());
      }
      ServiceConfig settings = ServiceConfig.load(config, overrides);
      service = Service.start(settings, Criu.path());
      System.out.println("ready http://" + settings.host() + ":" + service.port());
    } catch (InvalidFieldException | StartupException e) {
      System.err.println("rekindle serve: " + e.getMessage());
      return 1;
    }
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  service.close();
                  System.out.flush();
                  // Without this the exit code would be that of the signal.
                  Runtime.getRuntime().halt(0);
                },
                "rekindle-shutdown"));
    new CountDownLatch(1).await();
    return 0;
  }
}
