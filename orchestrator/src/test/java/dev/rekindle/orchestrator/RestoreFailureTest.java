package dev.rekindle.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rekindle.api.EventRecord;
import dev.rekindle.api.EventType;
import dev.rekindle.api.FunctionDescription;
import dev.rekindle.api.ProblemCode;
import dev.rekindle.api.SnapshotDescription;
import dev.rekindle.api.SnapshotState;
import dev.rekindle.api.StartKind;
import dev.rekindle.api.client.ApiException;
import dev.rekindle.api.client.InvocationReply;
import dev.rekindle.orchestrator.snapshot.SnapshotCatalog;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Restores that cannot work: the caller gets a reply from a cold start, and operators are told. */
class RestoreFailureTest {
  private static TestService service;

  @BeforeAll
  static void start() throws Exception {
    service = TestService.start();
  }

  @AfterAll
  static void close() throws Exception {
    service.close();
  }

  private static Path largestFile(SnapshotDescription snapshot) throws IOException {
    return service.snapshotFiles(snapshot.id(), "").stream()
        .max(Comparator.comparingLong(path -> path.toFile().length()))
        .orElseThrow();
  }

  /** The next start is cold, and the failed restore shows everywhere it should. */
  private static EventRecord assertFallsBack(String name, SnapshotDescription snapshot)
      throws Exception {
    long restoresBefore = service.client().function(name).failures().restore();
    try (EventStream events = new EventStream(service)) {
      InvocationReply reply = service.invoke(name, "{'n':9}");
      assertThat(reply.start()).isEqualTo(StartKind.COLD);
      assertThat(TestService.json(reply).path("echo").path("n").asInt()).isEqualTo(9);
      FunctionDescription after = service.client().function(name);
      assertThat(after.failures().restore()).isEqualTo(restoresBefore + 1);
      assertThat(after.failures().start()).isZero();
      String metrics =
          new String(
              service.http().get("/metrics").body(), java.nio.charset.StandardCharsets.UTF_8);
      assertThat(metrics)
          .contains("rekindle_restore_failures_total{function=\"%s\"}".formatted(name));
      EventRecord told = events.await(EventType.FAILURE, name);
      assertThat(told.snapshot()).isEqualTo(snapshot.id());
      assertThat(told.message()).startsWith("restore: ");
      return told;
    }
  }

  private static void assertOutOfUse(String name, SnapshotDescription snapshot) throws Exception {
    SnapshotDescription now = service.client().snapshot(snapshot.id());
    assertThat(now.state()).isEqualTo(SnapshotState.UNUSABLE);
    assertThat(now.restoreFailures()).isEqualTo(1);
    // A snapshot that is out of use is replaced by the next cold start, and can be removed.
    SnapshotDescription next = service.awaitSnapshot(name);
    assertThat(next.id()).isNotEqualTo(snapshot.id());
    service.evictAll(name);
    assertThat(service.invoke(name, "{}").snapshot()).isEqualTo(next.id());
    service.client().deleteSnapshot(snapshot.id());
    assertThat(service.client().function(name).snapshots()).containsExactly(next.id());
  }

  @Test
  void restore_oneBitFlipped_fallsBackAndTakesTheSnapshotOutOfUse() throws Exception {
    SnapshotDescription snapshot = service.deployAndFreeze("flipped", Sample.afterFirst());
    Path file = largestFile(snapshot);
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      long at = file.toFile().length() / 2;
      bytes.seek(at);
      int old = bytes.read();
      bytes.seek(at);
      bytes.write(old ^ 1);
    }
    EventRecord told = assertFallsBack("flipped", snapshot);
    assertThat(told.message()).contains(file.getFileName().toString()).contains("out of use");
    assertOutOfUse("flipped", snapshot);
  }

  @Test
  void restore_fileCutShort_fallsBackAndTakesTheSnapshotOutOfUse() throws Exception {
    SnapshotDescription snapshot = service.deployAndFreeze("cut", Sample.afterFirst());
    Path file = largestFile(snapshot);
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.setLength(bytes.length() - 1);
    }
    EventRecord told = assertFallsBack("cut", snapshot);
    assertThat(told.message()).contains(file.getFileName().toString());
    assertOutOfUse("cut", snapshot);
  }

  @Test
  void restore_fileMissing_fallsBackAndTakesTheSnapshotOutOfUse() throws Exception {
    SnapshotDescription snapshot = service.deployAndFreeze("missing", Sample.afterFirst());
    Files.delete(largestFile(snapshot));
    assertFallsBack("missing", snapshot);
    assertOutOfUse("missing", snapshot);
  }

  @Test
  void restore_criuKilled_fallsBackAndGivesUpAfterRepeats() throws Exception {
    SnapshotDescription snapshot =
        service.deployAndFreeze(
            "killed",
            Sample.settings(
                f -> {
                  f.put("restoreMode", "eager");
                  f.put("environment", Map.of("BALLAST_MB", "200"));
                  f.put("memoryMb", 512);
                }));
    for (int i = 1; i <= SnapshotCatalog.MAX_RESTORE_FAILURES; i++) {
      long attempt = i;
      long[] seen = new long[1];
      Callable<Boolean> later =
          () -> {
            seen[0] = seen[0] == 0 ? System.nanoTime() : seen[0];
            return System.nanoTime() - seen[0] >= (attempt - 1) * 10_000_000;
          };
      try (CriuProcesses killer = new CriuProcesses(service, later)) {
        EventRecord told = assertFallsBack("killed", snapshot);
        assertThat(killer.kills()).isPositive();
        assertThat(told.message().contains("out of use"))
            .isEqualTo(i == SnapshotCatalog.MAX_RESTORE_FAILURES);
        // No new snapshot while the old one is in use: so nothing else of CRIU runs.
        if (i < SnapshotCatalog.MAX_RESTORE_FAILURES) {
          service.evictAll("killed");
        }
      }
      SnapshotState state = service.client().snapshot(snapshot.id()).state();
      assertThat(state)
          .isEqualTo(
              i < SnapshotCatalog.MAX_RESTORE_FAILURES
                  ? SnapshotState.READY
                  : SnapshotState.UNUSABLE);
    }
    assertThat(service.ask("killed", "{'n':1}").path("echo").path("n").asInt()).isEqualTo(1);
  }

  @Test
  void checkpoint_criuKilled_isReportedAndTheFunctionServesOn() throws Exception {
    service.deploy(
        "undumped",
        Sample.settings(
            f -> {
              f.put("environment", Map.of("BALLAST_MB", "200"));
              f.put("memoryMb", 512);
              f.put("policy", Map.of("name", "cold"));
            }));
    service.invoke("undumped", "{}");
    // In the middle: the function is stopped, and its memory is on its way to the disk.
    Callable<Boolean> pagesAreWritten =
        () -> {
          try (Stream<Path> tree = Files.walk(service.dataDir().resolve("work"))) {
            return tree.anyMatch(
                p -> p.toString().endsWith("pages-1.img") && p.toFile().length() > 1_000_000);
          } catch (UncheckedIOException e) {
            return false; // something was removed meanwhile
          }
        };
    try (CriuProcesses killer = new CriuProcesses(service, pagesAreWritten)) {
      assertThatThrownBy(() -> service.client().checkpoint("undumped"))
          .isInstanceOfSatisfying(
              ApiException.class,
              e -> assertThat(e.is(ProblemCode.CHECKPOINT_FAILED)).as("%s", e).isTrue());
      assertThat(killer.kills()).isPositive();
    }
    assertThat(service.ask("undumped", "{'n':3}").path("echo").path("n").asInt()).isEqualTo(3);
    assertThat(service.client().snapshots("undumped")).isEmpty();
    assertThat(service.client().function("undumped").failures().checkpoint()).isEqualTo(1);
    // And the next checkpoint works.
    SnapshotDescription made = service.client().checkpoint("undumped");
    assertThat(made.state()).isEqualTo(SnapshotState.READY);
  }

  @Test
  void checkpoint_hookRaises_isReportedAndTheFunctionServesOn() throws Exception {
    service
        .client()
        .deploy(
            "hooked",
            Sample.cold(),
            Sample.source(
                """
                from snapshot_restore_py import register_before_snapshot
                @register_before_snapshot
                def hook():
                    raise RuntimeError("not now")
                def handler(event, context):
                    return "here"
                """));
    String instance = service.invoke("hooked", "{}").instance();
    assertThatThrownBy(() -> service.client().checkpoint("hooked"))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("not now");
    assertThat(service.invoke("hooked", "{}").instance()).isEqualTo(instance);
  }

  @Test
  void restore_hookRaises_fallsBackToAColdStart() throws Exception {
    service
        .client()
        .deploy(
            "unhooked",
            Sample.afterFirst(),
            Sample.source(
                """
                from snapshot_restore_py import register_after_restore
                @register_after_restore
                def hook():
                    raise RuntimeError("not again")
                def handler(event, context):
                    return {"echo": event}
                """));
    service.invoke("unhooked", "{}");
    SnapshotDescription snapshot = service.awaitSnapshot("unhooked");
    service.evictAll("unhooked");
    assertThat(assertFallsBack("unhooked", snapshot).message()).contains("not again");
  }
}
