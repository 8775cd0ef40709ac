package dev.rekindle.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.api.FunctionSettings;
import dev.rekindle.api.client.InvocationReply;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A function that never finishes loading. */
class BootTimeoutTest {
  @Test
  void invoke_neverLoads_isGivenUpAfterTheBootTimeout() throws Exception {
    try (TestService service = TestService.start(Map.of("bootTimeoutMs", 500))) {
      service
          .client()
          .deploy(
              "stuck",
              FunctionSettings.of("python3", "app.handler"),
              Sample.source("import time\ntime.sleep(3600)"));
      InvocationReply reply = service.invoke("stuck", "{}");
      assertThat(reply.failure().orElseThrow().errorType()).isEqualTo("Sandbox.Timedout");
      assertThat(reply.failure().orElseThrow().errorMessage()).contains("500 ms");
      assertThat(service.client().instances("stuck")).isEmpty();
    }
  }
}
