package dev.rekindle.store.blob.s3;

import static dev.rekindle.store.blob.BlobSamples.assertFails;
import static dev.rekindle.store.blob.BlobSamples.bytes;
import static dev.rekindle.store.blob.BlobSamples.file;
import static dev.rekindle.store.blob.BlobSamples.keys;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.rekindle.s3server.Link;
import dev.rekindle.s3server.S3Server;
import dev.rekindle.store.Tmpfs;
import dev.rekindle.store.blob.BlobException;
import dev.rekindle.store.blob.BlobException.Reason;
import dev.rekindle.store.blob.BlobSamples;
import dev.rekindle.store.blob.BlobStore;
import dev.rekindle.store.blob.BlobStore.Condition;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real server behind a link of ours, both having a bad day. */
class S3WeatherTest {
  private static final int SMALL = 200_000;

  /** Two parts. */
  private static final int LARGE = 17 << 20;

  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Duration SHORT = Duration.ofMillis(300);

  @TempDir Path directory;
  private S3Server server;
  private Link link;
  private S3Blobs store;

  @BeforeEach
  void start() throws Exception {
    server = S3Samples.start(directory);
    link = Link.to(server.port());
    store = open(LONG, LONG, 4);
    store.checkBucket();
  }

  @AfterEach
  void stop() {
    store.close();
    link.close();
    server.close();
  }

  private S3Blobs open(Duration silence, Duration total, int attempts) {
    return S3Blobs.open(
        S3Samples.impatient(link.endpoint(), silence, total, attempts),
        server.environment(),
        directory,
        new Random(1));
  }

  private void assertHolds(String key, long seed, int size) throws BlobException {
    assertThat(Arrays.equals(store.get(key, size), bytes(seed, size))).isTrue();
  }

  @Test
  void calls_serverGone_failAndWorkAgainWhenItIsBack() throws Exception {
    store.put("a", bytes(1, SMALL), Condition.ALWAYS);
    server.kill();
    for (var call :
        List.<BlobSamples.Call>of(
            () -> store.get("a", SMALL),
            () -> store.put("b", bytes(2, SMALL), Condition.IF_ABSENT),
            () -> store.put("b", file(directory, 2, LARGE), Condition.IF_ABSENT),
            () -> store.head("a"),
            () -> store.list("", info -> {}),
            () -> store.deleteAll(List.of("a")),
            () -> store.checkBucket())) {
      assertThat(assertFails(Reason.UNAVAILABLE, call))
          .hasMessageContaining("attempts")
          .hasMessageContaining(link.endpoint().toString())
          .hasMessageContaining("check the server");
    }
    server.start();
    assertHolds("a", 1, SMALL);
    store.put("b", bytes(2, SMALL), Condition.IF_ABSENT);
    assertHolds("b", 2, SMALL);
  }

  @Test
  void get_serverComesBackMeanwhile_succeeds() throws Exception {
    store.put("a", bytes(1, SMALL), Condition.ALWAYS);
    server.kill();
    try (var patient = open(LONG, LONG, 1000)) {
      var read = CompletableFuture.supplyAsync(() -> getQuietly(patient));
      long before = link.connections();
      while (link.connections() < before + 2) { // it has tried in vain
        Thread.sleep(5);
      }
      server.start();
      assertThat(read.join()).isEqualTo(bytes(1, SMALL));
    }
  }

  private static byte[] getQuietly(BlobStore store) {
    try {
      return store.get("a", SMALL);
    } catch (BlobException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void get_cutInTheMiddle_isRepeated() throws Exception {
    store.put("a", bytes(1, SMALL), Condition.ALWAYS);
    link.cutReplies(SMALL / 2, 2);
    assertHolds("a", 1, SMALL);
    link.cutReplies(50_000, 3);
    var target = ByteBuffer.allocateDirect(100_000);
    store.get("a", 1_000, target);
    byte[] read = new byte[100_000];
    target.flip().get(read);
    assertThat(read).isEqualTo(Arrays.copyOfRange(bytes(1, SMALL), 1_000, 101_000));
  }

  @Test
  void get_alwaysCut_failsAndLeavesTheBufferWhereItWas() throws Exception {
    store.put("a", bytes(1, SMALL), Condition.ALWAYS);
    link.cutReplies(SMALL / 2, 1_000);
    var target = ByteBuffer.allocate(SMALL + 5).position(5);
    assertFails(Reason.UNAVAILABLE, () -> store.get("a", 0, target));
    assertThat(target.position()).isEqualTo(5);
    link.cutReplies(0, 0);
    store.get("a", 0, target);
    assertThat(Arrays.copyOfRange(target.array(), 5, SMALL + 5)).isEqualTo(bytes(1, SMALL));
  }

  @Test
  void put_cutInTheMiddle_isRepeated() throws Exception {
    link.cutRequests(SMALL / 2, 2);
    store.put("a", bytes(1, SMALL), Condition.IF_ABSENT);
    assertHolds("a", 1, SMALL);
    link.cutRequests(3 << 20, 3);
    store.put("b", file(directory, 2, LARGE), Condition.IF_ABSENT);
    assertHolds("b", 2, LARGE);
  }

  @Test
  void put_cutForGood_leavesNothing() throws Exception {
    link.cutRequests(SMALL / 2, 1_000);
    assertFails(Reason.UNAVAILABLE, () -> store.put("a", bytes(1, SMALL), Condition.IF_ABSENT));
    Path large = file(directory, 2, LARGE);
    assertFails(Reason.UNAVAILABLE, () -> store.put("b", large, Condition.IF_ABSENT));
    link.cutRequests(0, 0);
    assertThat(keys(store, "")).isEmpty();
    store.put("a", bytes(3, SMALL), Condition.IF_ABSENT);
    assertHolds("a", 3, SMALL);
  }

  @Test
  void putIfAbsent_replyLost_knowsItsOwnBlob() throws Exception {
    for (int i = 0; i < 3; i++) {
      link.cutReplies(0, 1);
      store.put("small/" + i, bytes(i, SMALL), Condition.IF_ABSENT);
      assertHolds("small/" + i, i, SMALL);
    }
    // One of the replies to begin, two parts and completion is cut, each in one of the rounds.
    var random = new Random(20260103);
    for (int i = 0; i < 4; i++) {
      Path large = file(directory, i, LARGE);
      link.cutReplies(random.nextInt(1_500), 1);
      store.put("large/" + i, large, Condition.IF_ABSENT);
      assertHolds("large/" + i, i, LARGE);
    }
    assertFails(
        Reason.ALREADY_EXISTS, () -> store.put("small/0", bytes(9, SMALL), Condition.IF_ABSENT));
    assertHolds("small/0", 0, SMALL);
  }

  @Test
  void calls_answeredBusy_areRepeatedWithinLimits() throws Exception {
    link.refuse(2);
    store.put("a", bytes(1, SMALL), Condition.IF_ABSENT);
    link.refuse(3);
    assertHolds("a", 1, SMALL);
    link.refuse(1_000);
    assertThat(assertFails(Reason.UNAVAILABLE, () -> store.get("a", SMALL)))
        .hasMessageContaining("503")
        .hasMessageContaining("4 attempts");
    link.refuse(0);
    assertHolds("a", 1, SMALL);
  }

  @Test
  void calls_refusedByTheServer_sayWhy() throws Exception {
    var answers =
        Map.of(
            "507 XMinioStorageFull", Reason.NO_SPACE,
            "403 XMinioAdminBucketQuotaExceeded", Reason.NO_SPACE,
            "403 RequestTimeTooSkewed", Reason.ACCESS_DENIED,
            "400 ExpiredToken", Reason.ACCESS_DENIED,
            "403 AnythingElse", Reason.ACCESS_DENIED,
            "301 PermanentRedirect", Reason.MISCONFIGURED,
            "400 AuthorizationHeaderMalformed", Reason.MISCONFIGURED,
            "503 SlowDown", Reason.UNAVAILABLE,
            "409 ConditionalRequestConflict", Reason.UNAVAILABLE,
            "400 Unheard", Reason.IO_FAILED);
    for (var answer : answers.entrySet()) {
      String code = answer.getKey().substring(4);
      link.answer(
          1_000,
          Integer.parseInt(answer.getKey().substring(0, 3)),
          "application/xml",
          "<Error><Code>%s</Code><Message>Told so.</Message></Error>".formatted(code));
      var failure =
          assertFails(answer.getValue(), () -> store.put("a", bytes(1, 1), Condition.ALWAYS));
      assertThat(failure).hasMessageContaining(code).hasMessageContaining("Told so.");
      if (!failure.reason().isPassing()) {
        assertThat(failure).hasMessageNotContaining("attempts");
      }
    }
  }

  @Test
  void calls_answeredNonsense_fail() {
    var random = new Random(20260104);
    String listing =
        "<ListBucketResult><IsTruncated>true</IsTruncated><Contents><Key>a</Key>"
            + "<LastModified>2026-01-01T00:00:00Z</LastModified><Size>1</Size></Contents>"
            + "</ListBucketResult>";
    for (int i = 0; i < 12; i++) {
      String cutOff = listing.substring(0, random.nextInt(listing.length()));
      link.answer(1_000, i % 2 == 0 ? 200 : 404, "application/xml", cutOff);
      assertThatThrownBy(() -> store.list("", info -> {}))
          .as(cutOff)
          .isInstanceOf(BlobException.class);
      String altered = listing.replace(String.valueOf((char) ('a' + random.nextInt(26))), "");
      link.answer(1_000, 200, "application/xml", altered);
      for (var call :
          List.<BlobSamples.Call>of(
              () -> store.list("", info -> {}), () -> store.deleteAll(List.of("a", "b")))) {
        // It may have remained an answer; if not, the failure must be one that callers expect.
        assertThat(catchThrowable(call::run))
            .as(altered)
            .satisfiesAnyOf(
                failure -> assertThat(failure).isNull(),
                failure -> assertThat(failure).isInstanceOf(BlobException.class));
      }
    }
  }

  @Test
  void calls_linkSilent_timeOut() throws Exception {
    store.put("a", bytes(1, SMALL), Condition.ALWAYS);
    link.setSilent(true);
    try (var impatient = open(SHORT, LONG, 2)) {
      assertThat(assertFails(Reason.TIMEOUT, () -> impatient.get("a", SMALL)))
          .hasMessageContaining("2 attempts");
    }
    try (var impatient = open(LONG, SHORT, 100)) {
      assertFails(Reason.TIMEOUT, () -> impatient.get("a", SMALL));
      assertFails(Reason.TIMEOUT, () -> impatient.put("b", bytes(1, 1), Condition.ALWAYS));
    }
    link.setSilent(false);
    link.down();
    link.up();
    assertHolds("a", 1, SMALL);
  }

  @Test
  void get_linkTooSlow_timesOut() throws Exception {
    store.put("a", bytes(1, SMALL), Condition.ALWAYS);
    link.shape(Duration.ZERO, 20_000);
    try (var impatient = open(LONG, Duration.ofSeconds(1), 100)) {
      assertFails(Reason.TIMEOUT, () -> impatient.get("a", SMALL));
    }
    link.shape(Duration.ZERO, 0);
    link.down();
    link.up();
    assertHolds("a", 1, SMALL);
  }

  @Test
  void calls_linkSlow_areRight() throws Exception {
    link.shape(Duration.ofMillis(20), 2_000_000);
    store.put("a", bytes(1, SMALL), Condition.IF_ABSENT);
    assertHolds("a", 1, SMALL);
    assertThat(link.bytesToServer()).isGreaterThan(SMALL);
    assertThat(link.bytesFromServer()).isGreaterThan(SMALL);
  }

  @Test
  void get_interruptedWhileItWaits_ends() throws Exception {
    link.setSilent(true);
    var failure = new AtomicReference<Throwable>();
    var reader =
        new Thread(() -> failure.set(assertFails(Reason.INTERRUPTED, () -> store.get("a", SMALL))));
    reader.setUncaughtExceptionHandler((thread, e) -> failure.set(e));
    reader.start();
    while (reader.getState() != Thread.State.TIMED_WAITING) {
      Thread.sleep(5);
    }
    reader.interrupt();
    reader.join();
    assertThat(failure.get()).isInstanceOf(BlobException.class);
  }

  @Test
  void checkBucket_missing_isMadeOnlyWhenAllowed() throws Exception {
    var allowed = S3Samples.impatient(link.endpoint(), LONG, LONG, 4);
    var settings =
        new S3Settings(
            allowed.endpoint(), "elsewhere", "", "us-east-1", true, false, LONG, LONG, LONG, 4);
    try (var other = S3Blobs.open(settings, server.environment(), directory, new Random(1))) {
      assertThat(assertFails(Reason.MISCONFIGURED, other::checkBucket))
          .hasMessageContaining("'elsewhere'")
          .hasMessageContaining("createBucket");
      assertThat(
              assertFails(
                  Reason.MISCONFIGURED, () -> other.put("a", bytes(1, 1), Condition.ALWAYS)))
          .hasMessageContaining("createBucket");
    }
    store.checkBucket(); // there already
  }

  @Test
  void put_serverFull_failsUntilThereIsRoom() throws Exception {
    Path small = directory.resolve("small");
    Files.createDirectory(small);
    try (var disk = Tmpfs.mount(small, "size=8m,mode=755");
        var full = S3Server.start(directory, disk.directory(), "k", "s");
        var onFull = open(full)) {
      onFull.checkBucket();
      onFull.put("a", bytes(1, 5 << 20), Condition.ALWAYS);
      var failure =
          assertFails(
              Reason.UNAVAILABLE, () -> onFull.put("b", bytes(2, 5 << 20), Condition.IF_ABSENT));
      assertThat(failure).hasMessageContaining("500"); // this server does not tell that it is full
      assertThat(onFull.head("b")).isEmpty();
      onFull.delete("a");
      onFull.put("b", bytes(2, 5 << 20), Condition.IF_ABSENT);
      assertThat(Arrays.equals(onFull.get("b", 5 << 20), bytes(2, 5 << 20))).isTrue();
    }
  }

  private S3Blobs open(S3Server other) throws IOException {
    return S3Blobs.open(
        S3Samples.impatient(other.endpoint(), LONG, LONG, 2),
        other.environment(),
        directory,
        new Random(1));
  }
}
