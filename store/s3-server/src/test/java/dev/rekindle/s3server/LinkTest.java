package dev.rekindle.s3server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The link in front of a server that sends back what it gets, until the end of input. */
class LinkTest {
  private static final int BYTES = 1_000_000;

  private ServerSocket echo;
  private Link link;

  @BeforeEach
  void start() throws IOException {
    echo = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    link = Link.to(echo.getLocalPort());
    LinkConnection.thread(
        "echo",
        () -> {
          try {
            while (true) {
              var socket = echo.accept();
              LinkConnection.thread("echo-one", () -> echo(socket));
            }
          } catch (IOException e) {
            // Closed.
          }
        });
  }

  private static void echo(Socket socket) {
    try (socket) {
      socket.getInputStream().transferTo(socket.getOutputStream());
    } catch (IOException e) {
      // Cut.
    }
  }

  @AfterEach
  void stop() throws IOException {
    link.close();
    echo.close();
  }

  private Socket connect() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), link.endpoint().getPort());
  }

  private static byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    new Random(count).nextBytes(bytes);
    return bytes;
  }

  private byte[] exchange(byte[] sent) throws IOException {
    try (var socket = connect()) {
      send(socket, sent);
      return socket.getInputStream().readAllBytes();
    }
  }

  /** Sends on a thread of its own: the link may be cut while bytes are still on their way. */
  private static void send(Socket socket, byte[] bytes) {
    LinkConnection.thread(
        "send",
        () -> {
          try {
            socket.getOutputStream().write(bytes);
            socket.shutdownOutput();
          } catch (IOException e) {
            // Cut.
          }
        });
  }

  @Test
  void carry_anyQuality_changesNoByteAndCountsAll() throws IOException {
    assertThat(exchange(bytes(BYTES))).isEqualTo(bytes(BYTES));
    link.shape(Duration.ofMillis(10), 5_000_000);
    assertThat(exchange(bytes(BYTES / 2))).isEqualTo(bytes(BYTES / 2));
    assertThat(link.bytesToServer()).isEqualTo(BYTES * 3L / 2);
    assertThat(link.bytesFromServer()).isEqualTo(BYTES * 3L / 2);
    assertThat(link.connections()).isEqualTo(2);
  }

  @Test
  void shape_takesAtLeastAsLongAsItMust() throws IOException {
    link.shape(Duration.ofMillis(50), 2_000_000);
    long start = System.nanoTime();
    exchange(bytes(BYTES));
    long millis = (System.nanoTime() - start) / 1_000_000;
    // Handshake and both ways of 50 ms, and 1 MB at 2 MB/s.
    assertThat(millis).isGreaterThanOrEqualTo(700);
  }

  @Test
  void cutReplies_passesSoManyBytesAndNoMore() throws IOException {
    link.cutReplies(300_000, 1);
    try (var socket = connect()) {
      send(socket, bytes(400_000));
      byte[] read = new byte[400_000];
      int count = 0;
      IOException end = null;
      try {
        for (int n = 0; n >= 0; n = socket.getInputStream().read(read, count, 400_000 - count)) {
          count += n;
        }
      } catch (IOException e) {
        end = e;
      }
      assertThat(count).isLessThanOrEqualTo(300_000);
      assertThat(end).as("a reset, not an orderly end").isNotNull();
    }
    assertThat(link.bytesFromServer()).isEqualTo(300_000);
    assertThat(exchange(bytes(BYTES))).isEqualTo(bytes(BYTES));
  }

  @Test
  void down_cutsUntilUp() throws IOException {
    try (var socket = connect()) {
      socket.getOutputStream().write(1);
      assertThat(socket.getInputStream().read()).isEqualTo(1);
      link.down();
      assertThatThrownBy(
              () -> {
                socket.getOutputStream().write(1);
                if (socket.getInputStream().read() < 0) {
                  throw new IOException("ended");
                }
              })
          .isInstanceOf(IOException.class);
    }
    link.up();
    assertThat(exchange(bytes(10))).isEqualTo(bytes(10));
  }

  @Test
  void answer_isGivenSoManyTimes() throws IOException {
    link.answer(1, 418, "text/plain", "teapot");
    assertThat(new String(exchange(bytes(10)), StandardCharsets.UTF_8))
        .startsWith("HTTP/1.1 418 ")
        .endsWith("\r\n\r\nteapot");
    assertThat(exchange(bytes(10))).isEqualTo(bytes(10));
  }
}
