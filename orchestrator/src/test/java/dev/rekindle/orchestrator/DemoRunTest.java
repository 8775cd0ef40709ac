package dev.rekindle.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.orchestrator.cli.DemoRun;
import dev.rekindle.warmers.SampleFunction;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The samples that the demo shows, on the real service. */
class DemoRunTest {
  private static TestService service;

  @BeforeAll
  static void start() throws Exception {
    service = TestService.start();
  }

  @AfterAll
  static void close() throws Exception {
    service.close();
  }

  static List<SampleFunction> samples() {
    return SampleFunction.heavy();
  }

  @ParameterizedTest
  @MethodSource("samples")
  void run_ofEachSample_seesColdAndHotStarts(SampleFunction sample) throws Exception {
    DemoRun.Result result = new DemoRun(service.client(), sample, 3).run();
    assertThat(result.coldMs()).isPositive();
    assertThat(result.restoredMs()).isPositive();
    assertThat(result.snapshotMb()).isGreaterThan(10); // they are heavy
    assertThat(result.cloneMb()).isBetween(0.1, result.coldMb());
    assertThat(result.hotStarts()).isBetween(1L, 3L);
    assertThat(result.instances()).isBetween(1, 3);
  }
}
