package dev.rekindle.loadtests.run;

import dev.rekindle.api.client.ApiException;
import java.io.IOException;

/** One run of a benchmark from the command line. */
public final class BenchmarkRun {
  private BenchmarkRun() {}

  /** What is measured and told. */
  public interface Work {
    /** Does it; the cleanup undoes what it makes. */
    void run(Cleanup cleanup) throws IOException;
  }

  /**
   * Runs a benchmark and undoes what it made, whatever ends it.
   *
   * @param verb the command's name, for its error message
   * @return the exit code
   */
  public static int of(String verb, Work work) {
    Cleanup cleanup = new Cleanup();
    Thread onSignal = new Thread(cleanup::close, "rekindle-bench-cleanup");
    Runtime.getRuntime().addShutdownHook(onSignal);
    try (cleanup) {
      return run(verb, work, cleanup);
    }
  }

  private static int run(String verb, Work work, Cleanup cleanup) {
    try {
      work.run(cleanup);
      return 0;
    } catch (BenchmarkException | ApiException | IOException e) {
      if (!cleanup.isClosed()) { // otherwise a signal ended it, which is no failure to report
        System.err.println("rekindle bench " + verb + ": " + e.getMessage());
      }
      return 1;
    }
  }
}
