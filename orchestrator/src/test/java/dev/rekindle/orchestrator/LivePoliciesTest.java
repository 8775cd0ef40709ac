package dev.rekindle.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.api.PolicyChoice;
import dev.rekindle.api.StartKind;
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
  void afterInit_freezesBeforeTheFirstRequest() throws Exception {
    deploy("init", new PolicyChoice("after-init", Map.of()));
    assertThat(service.invoke("init", "{}").start()).isNotEqualTo(StartKind.RESTORED);
    assertThat(service.awaitSnapshot("init").request()).isZero();
    service.evictAll("init");
    assertThat(service.invoke("init", "{}").start()).isEqualTo(StartKind.RESTORED);
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
