package dev.rekindle.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.api.EventType;
import dev.rekindle.api.RestoreMode;
import dev.rekindle.api.SnapshotDescription;
import dev.rekindle.api.StartKind;
import dev.rekindle.api.client.InvocationReply;
import dev.rekindle.orchestrator.function.FunctionStore;
import dev.rekindle.s3server.Link;
import dev.rekindle.s3server.S3Server;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Services that share an S3 bucket, and what they do while it is away. */
class BucketNodesTest {
  private static final String SOURCE =
      """
      import os
      BOOTED = os.urandom(8).hex()
      def handler(event, context):
          return {"booted": BOOTED}
      """;

  /** One zip, since two of the same files differ in their times. */
  private static final byte[] ZIP = Sample.source(SOURCE);

  private final String home = System.getProperty("user.home");
  private Path directory;
  private S3Server server;
  private Link link;
  private TestService a;
  private TestService b;

  @BeforeEach
  void start() throws Exception {
    directory = Files.createTempDirectory(Leftovers.TEMPORARY, "bucket");
    server = S3Server.start(directory, "key", "secret");
    link = Link.to(server.port());
    Files.createDirectory(directory.resolve(".aws"));
    Files.writeString(
        directory.resolve(".aws/credentials"),
        "[default]\naws_access_key_id=key\naws_secret_access_key=secret\n");
    System.setProperty("user.home", directory.toString());
    a = TestService.start(config());
    b = TestService.start(config());
  }

  @AfterEach
  void close() {
    try {
      TestService.closeAll(b, a);
    } finally {
      System.setProperty("user.home", home);
      link.close();
      server.close();
      FunctionStore.deleteTree(directory);
    }
  }

  private Map<String, Object> config() {
    return Map.of(
        "store",
        Map.of(
            "s3",
            Map.of(
                "endpoint",
                link.endpoint().toString(),
                "bucket",
                "snapshots",
                "prefix",
                "team",
                "attempts",
                2)));
  }

  private boolean isUploaded() throws IOException {
    try (var objects = Files.walk(server.objects())) {
      return objects.anyMatch(object -> object.endsWith("manifest"));
    } catch (UncheckedIOException e) {
      return false; // it changed while it was read
    }
  }

  private static void deploy(TestService node, String name) {
    var unused = node.client().deploy(name, Sample.afterFirst(), ZIP);
  }

  private static String booted(InvocationReply reply) throws Exception {
    return TestService.json(reply).path("booted").asText();
  }

  @Test
  void invoke_bucketAwayAndBack_servesFromWhatIsThere() throws Exception {
    try (EventStream events = new EventStream(a)) {
      deploy(a, "f");
      link.down();
      String first = booted(a.invoke("f", "{}"));
      SnapshotDescription snapshot = a.awaitSnapshot("f");
      a.evictAll("f");
      InvocationReply local = a.invoke("f", "{}");
      assertThat(local.start()).as("the snapshot waits on this node").isEqualTo(StartKind.RESTORED);
      assertThat(booted(local)).isEqualTo(first);

      // A node that cannot ask for it boots; it takes no snapshot of its own here.
      var unused = b.client().deploy("f", Sample.cold(), ZIP);
      assertThat(b.invoke("f", "{}").start()).isEqualTo(StartKind.COLD);
      b.evictAll("f");

      link.up();
      events.await(EventType.UPLOAD, "f");
      deploy(b, "f");
      InvocationReply there = b.invoke("f", "{}");
      assertThat(there.start()).isEqualTo(StartKind.RESTORED);
      assertThat(there.snapshot()).isEqualTo(snapshot.id());
      assertThat(booted(there)).isEqualTo(first);
    }
  }

  @Test
  void delete_whileTheFunctionIsFrozen_leavesNothingInTheBucket() throws Exception {
    byte[] zip = Sample.zip("slow_to_freeze.py");
    var settings = Sample.settings(f -> f.put("handler", "slow_to_freeze.handler"));
    var unused = a.client().deploy("frozen", settings, zip);
    String instance = a.invoke("frozen", "{}").instance();
    Await.until(
        "the checkpoint has begun",
        () -> Files.exists(a.root(instance).orElseThrow().resolve("tmp/freezing")));
    String id = a.client().snapshots("frozen").get(0).id();
    CompletableFuture<Void> deleted = CompletableFuture.runAsync(() -> a.client().delete("frozen"));
    Await.until("it is on its way out", () -> a.client().functions().isEmpty());
    a.openGate(instance);
    deleted.get();
    // Another one's upload comes after whatever was left to do of this one's.
    deploy(a, "next");
    unused = a.client().function("next");
    a.invoke("next", "{}");
    String next = a.awaitSnapshot("next").id();
    Await.until("the next one is in the bucket", () -> isInBucket(next));
    Await.until("nothing of the deleted one is there", () -> !isInBucket(id));
    assertThat(a.snapshotFiles(id, "")).isEmpty();
    deploy(a, "last");
    a.invoke("last", "{}");
    String last = a.awaitSnapshot("last").id();
    Await.until("the last one is in the bucket", () -> isInBucket(last));
    assertThat(isInBucket(id)).as("it did not come back").isFalse();
    unused = b.client().deploy("frozen", settings, zip);
    assertThat(b.client().snapshots("frozen")).isEmpty();
  }

  private boolean isInBucket(String id) throws IOException {
    try (var objects = Files.walk(server.objects())) {
      return objects.anyMatch(object -> object.toString().contains(id));
    } catch (UncheckedIOException e) {
      return isInBucket(id); // it changed while it was read
    }
  }

  @Test
  void restart_beforeTheUpload_uploadsAfterwards() throws Exception {
    deploy(a, "g");
    link.down();
    String first = booted(a.invoke("g", "{}"));
    a.awaitSnapshot("g");
    a.restart(link::up);
    Await.until("the snapshot is in the bucket", this::isUploaded);
    try (EventStream events = new EventStream(b)) {
      deploy(b, "g");
      assertThat(b.invoke("g", "{}").start()).isEqualTo(StartKind.RESTORED);
      events.await(EventType.FETCH, "g");
    }
    b.evictAll("g");
    server.kill();
    InvocationReply mapped = b.invoke("g", "{}");
    assertThat(mapped.restoreMode()).as("all of it is here now").isEqualTo(RestoreMode.MAPPED);
    assertThat(booted(mapped)).isEqualTo(first);
    server.start();
  }
}
