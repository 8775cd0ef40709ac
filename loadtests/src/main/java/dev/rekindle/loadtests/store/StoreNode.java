package dev.rekindle.loadtests.store;

import dev.rekindle.api.client.RekindleClient;
import dev.rekindle.loadtests.run.Cleanup;
import dev.rekindle.loadtests.run.ServiceEvents;
import dev.rekindle.loadtests.run.ServiceFunction;
import dev.rekindle.loadtests.run.ServiceProcess;
import dev.rekindle.loadtests.run.Waiting;
import dev.rekindle.s3server.Link;
import dev.rekindle.s3server.S3Server;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** A service of its own that has nothing in common with others but a bucket, over its own link. */
final class StoreNode implements AutoCloseable {
  private static final int MAX_INSTANCES = 20;
  private static final double NANOS_PER_MS = 1e6;
  private static final Duration QUIET = Duration.ofSeconds(2);

  /** Where all nodes keep their blobs. */
  static final String BUCKET = "rekindle-bench";

  private final ServiceProcess service;
  private final RekindleClient client;
  private final ServiceEvents events;
  private final Link link;

  private StoreNode(ServiceProcess service, ServiceEvents events, Link link) {
    this.service = service;
    this.client = new RekindleClient(service.url());
    this.events = events;
    this.link = link;
  }

  /**
   * Starts a node with an empty data directory.
   *
   * @param prefix what its keys begin with: nodes with the same share snapshots
   */
  static StoreNode start(StoreSettings settings, S3Server server, String prefix, Cleanup cleanup)
      throws IOException {
    Path directory =
        cleanup.directory(Path.of(System.getProperty("java.io.tmpdir")), "rekindle-bench");
    Link link = Link.to(server.port());
    cleanup.add(link::close);
    link.shape(
        Duration.ofNanos((long) (settings.latencyMs() / 2 * NANOS_PER_MS)),
        (long) (settings.bandwidthMb() * ServiceFunction.MB));
    ServiceProcess service =
        ServiceProcess.start(
            directory, config(link.endpoint(), prefix), server.environment(), cleanup);
    ServiceEvents events = ServiceEvents.of(service.url());
    cleanup.add(events::close);
    return new StoreNode(service, events, link);
  }

  private static Map<String, Object> config(URI endpoint, String prefix) {
    return Map.of(
        "maxInstances",
        MAX_INSTANCES,
        "store",
        Map.of("s3", Map.of("endpoint", endpoint.toString(), "bucket", BUCKET, "prefix", prefix)));
  }

  RekindleClient client() {
    return client;
  }

  ServiceEvents events() {
    return events;
  }

  /** What has come to this node since it came up, in MB. */
  double receivedMb() {
    return link.bytesFromServer() / ServiceFunction.MB;
  }

  /** What this node has sent since it came up, in MB. */
  double sentMb() {
    return link.bytesToServer() / ServiceFunction.MB;
  }

  /** Waits until the link has carried nothing for a while. */
  void awaitQuiet() {
    long carried = -1;
    while (carried != link.bytesToServer()) {
      carried = link.bytesToServer();
      Waiting.pause(QUIET);
    }
  }

  /** Ends it; what it had in its data directory is gone for the benchmark. */
  @Override
  public void close() {
    events.close();
    service.end();
    link.close();
  }
}
