package dev.rekindle.orchestrator.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.orchestrator.HttpCalls;
import dev.rekindle.orchestrator.config.ServiceConfig;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Bodies that do not arrive. */
class RequestBodyTest {
  @Test
  void event_restNeverArrives_closesTheConnection() throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      Router router = Router.router(vertx);
      new RequestBody(ServiceConfig.defaults(), 200)
          .event(router.post("/"))
          .handler(context -> context.response().end("arrived"));
      HttpServer server =
          vertx
              .createHttpServer()
              .requestHandler(router)
              .listen(0, "127.0.0.1")
              .await(60, TimeUnit.SECONDS);
      HttpCalls http = new HttpCalls(URI.create("http://127.0.0.1:" + server.actualPort()));
      try (Socket socket = http.connect()) {
        socket
            .getOutputStream()
            .write(
                "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{\"a\""
                    .getBytes(StandardCharsets.ISO_8859_1));
        assertThat(socket.getInputStream().readAllBytes()).isEmpty(); // until it is closed
      }
      assertThat(
              http.raw(
                  "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"))
          .endsWith("arrived");
    } finally {
      vertx.close().await(60, TimeUnit.SECONDS);
    }
  }
}
