package dev.rekindle.api;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One full sample of every wire record, and one with all that is optional left out. */
public final class WireSamples {
  private static final Instant TIME = Instant.parse("2026-03-04T05:06:07.890123Z");

  public static final FunctionSettings SETTINGS =
      new FunctionSettings(
          "python3",
          "pkg/app.handler",
          512,
          1_500,
          Map.of("GREETING", "grüß dich"),
          3,
          0,
          RestoreMode.MAPPED,
          new Warmup(
              List.of(
                  NullNode.getInstance(),
                  JsonNodeFactory.instance.textNode("x"),
                  JsonNodeFactory.instance.numberNode(new BigDecimal("1.50"))),
              7,
              true),
          new HttpHooks("/freeze", "/thaw?x=1"),
          new PolicyChoice(
              "after-first",
              Map.of("weight", 0.25, "window", 20L, "mode", "p50", "explore", true),
              new ShadowChoice("adaptive", Map.of("share", 0.5))));

  public static final RuntimeList RUNTIMES =
      new RuntimeList(List.of(new RuntimeDescription("java17", "17.0.15+6")));

  public static final FunctionDescription FUNCTION =
      new FunctionDescription(
          "hello",
          4,
          "python3",
          "pkg/app.handler",
          SETTINGS,
          FunctionState.ACTIVE,
          List.of("s-1", "s-2"),
          new InstanceCounts(1, 2, 3, 4, 5),
          new StartCounts(1, 2, 3, 4_000_000_000L),
          new FailureCounts(1, 2, 3, 4, 5),
          "It holds a device.",
          TIME,
          TIME.plusSeconds(1),
          123,
          "00ff");

  public static final SnapshotDescription SNAPSHOT =
      new SnapshotDescription(
          "s-1",
          "hello",
          4,
          17,
          SnapshotState.READY,
          TIME,
          1L << 33,
          3L << 30,
          2L << 30,
          61.5,
          9,
          1,
          new SnapshotStorage(true, true, false, 1L << 31, 12_345));

  public static final InstanceDescription INSTANCE =
      new InstanceDescription(
          "i-1",
          InstanceState.IDLE,
          StartKind.RESTORED,
          "s-1",
          RestoreMode.LAZY,
          12,
          1_500_000,
          48_000_000,
          TIME);

  public static final PolicyDescription POLICY =
      new PolicyDescription(
          "after-first",
          "Learns.",
          List.of(
              new PolicyParameter("weight", ParameterType.NUMBER, 0.5, 0.0, 1.0, "Share."),
              new PolicyParameter("mode", ParameterType.STRING, "p50", null, null, "Aim.")));

  private static PolicyBeliefs beliefs(@Nullable ShadowBeliefs shadow) {
    return new PolicyBeliefs(
        "adaptive",
        List.of(new CurvePoint(1, 4, 12.5, 8.25, 0.5, 9.75)),
        List.of(new StartCandidate("s-1", 17, 6.5, 3)),
        List.of(
            new PolicyDecision(TIME, DecisionKind.NO_CHECKPOINT, "s-1", 17, "too dear", 1.5, 2.25)),
        Map.of("bootMs", 310.5),
        new ReadyWish(2, 3, 60_000),
        shadow);
  }

  public static final PolicyBeliefs BELIEFS =
      beliefs(
          new ShadowBeliefs(
              beliefs(null),
              new ShadowGain(
                  TIME,
                  400,
                  1_250.5,
                  3.125,
                  80.25,
                  0.125,
                  List.of("restore"),
                  new PolicyCost(9, 0, 1, 9_000.5),
                  new PolicyCost(1, 8, 2, 7_750))));

  static final Problem PROBLEM =
      new Problem(
          "urn:rekindle:problem:invalid-field",
          "A field is not valid",
          400,
          "memoryMb: is 1, which is out of range",
          "invalid-field",
          "r-1",
          "Send more.",
          "memoryMb");

  public static final AsyncInvocation ASYNC =
      new AsyncInvocation(
          "r-1",
          "hello",
          AsyncState.DONE,
          TIME,
          TIME.plusMillis(5),
          200,
          "Unhandled",
          StartKind.WARM,
          "i-1",
          "s-1",
          NullNode.getInstance(),
          PROBLEM);

  private WireSamples() {}

  /** Every wire record, with every component set. */
  static List<Record> full() {
    return List.of(
        SETTINGS,
        SETTINGS.warmup(),
        SETTINGS.httpHooks(),
        SETTINGS.policy(),
        FUNCTION,
        FUNCTION.instances(),
        FUNCTION.starts(),
        FUNCTION.failures(),
        new FunctionList(List.of(FUNCTION)),
        RUNTIMES,
        RUNTIMES.runtimes().get(0),
        INSTANCE,
        new InstanceList(List.of(INSTANCE)),
        SNAPSHOT,
        SNAPSHOT.storage(),
        new SnapshotList(List.of(SNAPSHOT)),
        POLICY,
        POLICY.parameters().get(0),
        new PolicyList(List.of(POLICY)),
        SETTINGS.policy().shadow(),
        BELIEFS,
        BELIEFS.curve().get(0),
        BELIEFS.pool().get(0),
        BELIEFS.decisions().get(0),
        BELIEFS.wish(),
        BELIEFS.shadow(),
        BELIEFS.shadow().gain(),
        BELIEFS.shadow().gain().inForce(),
        new Eviction(3),
        new RecordingRequest(20, List.of(NullNode.getInstance())),
        ASYNC,
        new FunctionFailure("no", "ValueError", List.of("line 1"), List.of("line 2"), "id-1"),
        new EventRecord(7, TIME, EventType.RESTORE, "hello", "i-1", "s-1", "Restored.", 8.75),
        new Readiness(false, List.of("CRIU is missing: install it.")),
        PROBLEM);
  }

  /** The records that have optional components, without them. */
  static List<Record> sparse() {
    return List.of(
        new InstanceDescription(
            "i-1", InstanceState.BUSY, StartKind.COLD, null, null, 0, 0, 0, TIME),
        POLICY.parameters().get(1),
        new PolicyChoice("cold", Map.of()),
        beliefs(null),
        new CurvePoint(5, 5, 1, 2.5, null, null),
        new StartCandidate(null, 0, null, 0),
        new PolicyDecision(TIME, DecisionKind.START, null, 0, "nothing else is there", 0, 0),
        new AsyncInvocation(
            "r-1",
            "hello",
            AsyncState.QUEUED,
            TIME,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null),
        new EventRecord(7, TIME, EventType.DEPLOY, "hello", null, null, "Deployed.", null),
        Problem.of(ProblemCode.INTERNAL, "It broke.", null),
        new HttpHooks(null, "/thaw"),
        new RecordingRequest(1, null),
        new SnapshotDescription(
            "s-1",
            "hello",
            4,
            0,
            SnapshotState.CREATING,
            TIME,
            0,
            null,
            null,
            0,
            0,
            0,
            new SnapshotStorage(true, false, true, 0, 0)));
  }
}
