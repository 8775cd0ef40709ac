package dev.rekindle.orchestrator.cli;

import dev.rekindle.api.InvalidFieldException;
import dev.rekindle.orchestrator.DataDirectory;
import dev.rekindle.orchestrator.SharedStore;
import dev.rekindle.orchestrator.StartupException;
import dev.rekindle.orchestrator.config.ServiceConfig;
import dev.rekindle.store.StoreException;
import dev.rekindle.store.blob.BlobException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which store a verb works on: the one that a service with the same options would use. */
final class StoreOptions {
  @Option(names = "--data-dir", description = "Where the service keeps functions and snapshots.")
  private @Nullable Path dataDir;

  @Option(names = "--config", description = "The service's JSON file with settings.")
  private @Nullable Path config;

  /** Work on a store. */
  interface Work {
    /** Does it; returns the exit code. */
    int run(SharedStore store, ServiceConfig config) throws StoreException;
  }

  /** Opens the store, works on it, and says what went wrong. */
  int with(String verb, Work work) {
    try {
      Map<String, Object> overrides = new LinkedHashMap<>();
      if (dataDir != null) {
        overrides.put("dataDir", dataDir.toString());
      }
      ServiceConfig settings = ServiceConfig.load(config, overrides);
      try (var store = SharedStore.open(settings, DataDirectory.blobs(settings.dataDir()))) {
        return work.run(store, settings);
      }
    } catch (InvalidFieldException | StartupException | StoreException | BlobException e) {
      System.err.println("rekindle store " + verb + ": " + e.getMessage());
      return 2;
    }
  }
}
