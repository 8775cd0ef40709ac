package dev.rekindle.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.api.EventType;
import dev.rekindle.api.PolicyChoice;
import dev.rekindle.api.SnapshotState;
import dev.rekindle.api.StartKind;
import dev.rekindle.api.client.InvocationReply;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Policies other than the default one, with real processes. */
class LivePoliciesTest {
  private static TestService service;

  @BeforeAll
  static void start() throws Exception {
    service = TestService.start();
  }

  @AfterAll
  static void close() throws Exception {
    service.close();
  }

  private static void deploy(String name, PolicyChoice policy) {
    service.deploy(
        name,
        Sample.settings(
            f -> {
              f.put("policy", policy);
              f.put("idleSeconds", 1);
            }));
  }

  @Test
  void afterInit_freezesAnInstanceThatServedNothing_withoutLettingTheFirstCallerWait()
      throws Exception {
    service.deploy(
        "init", Sample.settings(f -> f.put("policy", new PolicyChoice("after-init", Map.of()))));
    try (EventStream events = new EventStream(service)) {
      InvocationReply first = service.invoke("init", "{}");
      assertThat(first.start()).isEqualTo(StartKind.COLD);
      assertThat(service.awaitSnapshot("init").request()).isZero();
      assertThat(events.await(EventType.CHECKPOINT, "init").instance())
          .isNotEqualTo(first.instance());
    }
    service.evictAll("init");
    assertThat(service.invoke("init", "{}").start()).isEqualTo(StartKind.RESTORED);
  }

  @Test
  void afterInit_oneInstanceAtATime_freezesWhenItsPlaceIsFree() throws Exception {
    service.deploy(
        "single",
        Sample.settings(
            f -> {
              f.put("policy", new PolicyChoice("after-init", Map.of()));
              f.put("maxInstances", 1);
            }));
    assertThat(service.invoke("single", "{}").start()).isEqualTo(StartKind.COLD);
    assertThat(service.client().snapshots("single")).isEmpty();
    assertThat(service.client().evict("single")).isEqualTo(1);
    assertThat(service.awaitSnapshot("single").request()).isZero();
  }

  @Test
  void onEvict_askedToEvict_freezesFirst() throws Exception {
    service.deploy(
        "asked", Sample.settings(f -> f.put("policy", new PolicyChoice("on-evict", Map.of()))));
    for (int i = 0; i < 3; i++) {
      var unused = service.invoke("asked", "{}");
    }
    assertThat(service.client().evict("asked")).isEqualTo(1);
    // The answer came when the snapshot was stored.
    assertThat(service.client().snapshots("asked"))
        .singleElement()
        .satisfies(
            snapshot -> {
              assertThat(snapshot.request()).isEqualTo(3);
              assertThat(snapshot.state()).isEqualTo(SnapshotState.READY);
            });
    assertThat(service.client().instances("asked")).isEmpty();
    assertThat(service.invoke("asked", "{}").start()).isEqualTo(StartKind.RESTORED);
    assertThat(service.client().evict("asked")).isEqualTo(1); // on from there
    assertThat(service.client().snapshots("asked"))
        .singleElement()
        .satisfies(snapshot -> assertThat(snapshot.request()).isEqualTo(4));
  }

  @Test
  void onEvict_functionCannotBeFrozen_isEvictedAllTheSame() throws Exception {
    byte[] opens =
        Sample.source(
            "import socket\n"
                + "held = []\n"
                + "def handler(event, context):\n"
                + "    held.append(socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0))\n"
                + "    held[-1].sendall(bytes([20, 0, 0, 0, 18, 0, 1, 3] + [0] * 12))\n"
                + "    return 1\n");
    var unused =
        service
            .client()
            .deploy(
                "frozen",
                Sample.settings(f -> f.put("policy", new PolicyChoice("on-evict", Map.of()))),
                opens);
    assertThat(service.invoke("frozen", "{}").failure()).isEmpty();
    assertThat(service.client().evict("frozen")).isEqualTo(1);
    assertThat(service.client().instances("frozen")).isEmpty();
    assertThat(service.client().snapshots("frozen")).isEmpty();
    assertThat(service.client().function("frozen").checkpointFailure()).isNotEmpty();
  }

  @Test
  void onEvict_freezesTheInstanceThatGoes() throws Exception {
    deploy("evict", new PolicyChoice("on-evict", Map.of()));
    var unused = service.invoke("evict", "{}");
    unused = service.invoke("evict", "{}");
    assertThat(service.awaitSnapshot("evict").request()).isEqualTo(2);
  }

  @Test
  void fixed_freezesAtItsRequest() throws Exception {
    deploy("third", new PolicyChoice("fixed", Map.of("request", 3)));
    for (int i = 0; i < 3; i++) {
      var unused = service.invoke("third", "{}");
    }
    assertThat(service.awaitSnapshot("third").request()).isEqualTo(3);
  }

  @Test
  void adaptive_freezesAfterTheFirstSuccessAndRestores() throws Exception {
    deploy("adaptive", new PolicyChoice("adaptive", Map.of()));
    assertThat(service.invoke("adaptive", "{}").start()).isEqualTo(StartKind.COLD);
    assertThat(service.awaitSnapshot("adaptive").request()).isEqualTo(1);
    service.evictAll("adaptive");
    assertThat(service.invoke("adaptive", "{}").start()).isEqualTo(StartKind.RESTORED);
  }
}
