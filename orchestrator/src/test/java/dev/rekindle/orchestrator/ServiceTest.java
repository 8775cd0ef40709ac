package dev.rekindle.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rekindle.orchestrator.config.ServiceConfig;
import dev.rekindle.orchestrator.function.FunctionStore;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The service's own start and end. */
class ServiceTest {
  @Test
  void start_fails_leavesNothingAndCanBeTriedAgain() throws Exception {
    Path dataDir = Leftovers.TEMPORARY.resolve("again");
    Leftovers leftovers = new Leftovers(dataDir);
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(() -> TestService.start(dataDir, Map.of("port", taken.getLocalPort())))
          .isInstanceOf(StartupException.class)
          .hasMessageContaining("port " + taken.getLocalPort());
    }
    leftovers.assertNone();
    try (TestService service = TestService.start(dataDir, Map.of())) {
      assertThat(service.client().ready().ready()).isTrue();
    }
  }

  @Test
  void close_twice_isAsGoodAsOnce() throws Exception {
    Path dataDir = Leftovers.TEMPORARY.resolve("twice");
    Leftovers leftovers = new Leftovers(dataDir);
    Service service =
        Service.start(
            ServiceConfig.load(null, Map.of("port", 0, "dataDir", dataDir.toString())),
            Criu.path());
    service.close();
    service.close();
    FunctionStore.deleteTree(dataDir);
    leftovers.assertNone();
  }
}
