package dev.rekindle.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.NullNode;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class WireRecordsTest {
  static Stream<Record> samples() {
    return Stream.concat(WireSamples.full().stream(), WireSamples.sparse().stream());
  }

  @ParameterizedTest
  @MethodSource("samples")
  void roundTrip_everyRecord_isEqual(Record sample) throws Exception {
    byte[] json = Json.write(sample);

    assertThat(Json.mapper().readValue(json, sample.getClass())).isEqualTo(sample);
  }

  @ParameterizedTest
  @MethodSource("samples")
  void read_unknownField_isIgnored(Record sample) throws Exception {
    String json = new String(Json.write(sample), UTF_8);
    String newer = json.substring(0, json.length() - 1) + ",\"fromTheFuture\":{\"a\":[1]}}";

    assertThat(Json.mapper().readValue(newer, sample.getClass())).isEqualTo(sample);
  }

  @Test
  void write_absentComponents_areLeftOut() {
    for (Record sample : WireSamples.sparse()) {
      assertThat(new String(Json.write(sample), UTF_8)).doesNotContain("null");
    }
  }

  @Test
  void result_jsonNull_isToldFromNoResult() throws Exception {
    AsyncInvocation done =
        Json.mapper().readValue(Json.write(WireSamples.ASYNC), AsyncInvocation.class);
    AsyncInvocation queued =
        Json.mapper().readValue(Json.write(WireSamples.sparse().get(2)), AsyncInvocation.class);

    assertThat(done.result()).isEqualTo(NullNode.getInstance());
    assertThat(queued.result()).isNull();
  }

  @Test
  void problem_everyCode_isFoundByItsName() {
    for (ProblemCode code : ProblemCode.values()) {
      Problem problem = Problem.of(code, "detail", "r-1");

      assertThat(problem.knownCode()).contains(code);
      assertThat(problem.status()).isBetween(400, 599);
      assertThat(problem.type()).isEqualTo("urn:rekindle:problem:" + code.wire());
      assertThat(problem.next()).endsWith(".");
    }
  }

  @Test
  void problem_invalidField_namesIt() {
    Problem problem = Problem.of(new InvalidFieldException("memoryMb", "is odd", "Fix."), "r");

    assertThat(problem.code()).isEqualTo("invalid-field");
    assertThat(problem.field()).isEqualTo("memoryMb");
    assertThat(problem.detail()).isEqualTo("memoryMb: is odd");
    assertThat(problem.next()).isEqualTo("Fix.");
  }

  @Test
  void problem_unreadableBody_namesNoField() {
    Problem problem =
        Problem.of(new InvalidFieldException(InvalidFieldException.BODY, "is odd", "Fix."), "r");

    assertThat(problem.code()).isEqualTo("invalid-request");
    assertThat(problem.field()).isNull();
  }

  @Test
  void nearestName_typingErrors_findsTheMeantOne() {
    List<String> known = List.of("memoryMb", "timeoutMs", "maxInstances");

    assertThat(NearestName.of("memoryMB", known)).contains("memoryMb");
    assertThat(NearestName.of("timeout", known)).contains("timeoutMs");
    assertThat(NearestName.of("max_instances", known)).contains("maxInstances");
    assertThat(NearestName.of("colour", known)).isEmpty();
    assertThat(NearestName.of("m".repeat(1_000_000), known)).isEmpty();
  }

  @Test
  void serverTiming_roundTrip_keepsThreeDecimals() {
    ServerTiming timing =
        new ServerTiming(Map.of(Phase.TOTAL, 12.3456, Phase.QUEUE, 0.0, Phase.RESTORE, 9.5));

    assertThat(timing.format()).isEqualTo("queue;dur=0.000, restore;dur=9.500, total;dur=12.346");
    assertThat(ServerTiming.parse(timing.format()).millis())
        .containsOnly(
            Map.entry(Phase.QUEUE, 0.0),
            Map.entry(Phase.RESTORE, 9.5),
            Map.entry(Phase.TOTAL, 12.346));
  }

  @Test
  void serverTiming_malformedMetrics_arePassedOver() {
    ServerTiming timing =
        ServerTiming.parse(
            "cdn;dur=5, queue, fetch;dur=, boot;dur=NaN, total;dur=-1,;;, ,handler;desc=\"x\";dur=2");

    assertThat(timing.millis()).containsOnly(Map.entry(Phase.HANDLER, 2.0));
    assertThat(timing.of(Phase.HANDLER)).hasValue(2.0);
    assertThat(timing.of(Phase.TOTAL)).isEmpty();
  }
}
