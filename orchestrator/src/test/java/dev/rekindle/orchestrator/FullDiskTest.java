package dev.rekindle.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rekindle.api.FunctionDescription;
import dev.rekindle.api.Problem;
import dev.rekindle.api.ProblemCode;
import dev.rekindle.api.SnapshotDescription;
import dev.rekindle.api.StartKind;
import dev.rekindle.api.client.ApiException;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A data directory on a disk that fills up. */
class FullDiskTest {
  private static byte[] zipOfNoise(int bytes) {
    byte[] noise = new byte[bytes];
    new Random(3).nextBytes(noise);
    return Sample.zipOf(Map.of("noise", noise));
  }

  private static void assertNoSpace(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ApiException.class,
            e -> {
              assertThat(e.is(ProblemCode.NO_SPACE)).as("%s", e).isTrue();
              assertThat(e.problem().map(Problem::status)).hasValue(507);
            });
  }

  @Test
  void fullDisk_refusesWhatDoesNotFitAndServesOn() throws Exception {
    try (SmallDisk disk = SmallDisk.mount("size=40m");
        TestService service = TestService.start(disk.directory().resolve("data"), Map.of())) {
      service.deploy("small", Sample.cold());
      assertNoSpace(() -> service.client().deploy("large", Sample.cold(), zipOfNoise(30 << 20)));
      assertThat(service.client().functions())
          .extracting(FunctionDescription::name)
          .containsExactly("small");
      assertNoSpace(() -> service.client().deploy("small", Sample.cold(), zipOfNoise(30 << 20)));
      assertThat(service.client().function("small").version()).isEqualTo(1);

      // Room for the code of another, but not for a snapshot of 100 MB.
      service.deploy(
          "heavy", Sample.settings(f -> f.put("environment", Map.of("BALLAST_MB", "100"))));
      assertThat(service.invoke("heavy", "{}").functionError()).isNull();
      Await.until(
          "the checkpoint has failed",
          () -> service.client().function("heavy").failures().checkpoint() == 1);
      assertThat(service.ask("heavy", "{'n':1}").path("echo").path("n").asInt()).isEqualTo(1);
      assertNoSpace(() -> service.client().checkpoint("heavy"));
      assertThat(service.client().snapshots("heavy")).isEmpty();
      assertThat(service.ask("heavy", "{'n':2}").path("echo").path("n").asInt()).isEqualTo(2);

      // What failed has given its space back: a small snapshot fits.
      service.client().delete("heavy");
      SnapshotDescription made = service.client().checkpoint("small");
      service.evictAll("small");
      service.client().putPolicy("small", Sample.afterFirst().policy());
      assertThat(service.invoke("small", "{}").snapshot()).isEqualTo(made.id());
      assertThat(service.invoke("small", "{}").start()).isEqualTo(StartKind.WARM);
    }
  }
}
