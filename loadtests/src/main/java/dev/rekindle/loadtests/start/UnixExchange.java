package dev.rekindle.loadtests.start;

import dev.rekindle.loadtests.run.BenchmarkException;
import dev.rekindle.loadtests.run.Waiting;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** An HTTP request over a unix socket that may not listen yet. */
final class UnixExchange {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** Short against any restore, long enough to leave the processor to it. */
  private static final long RETRY_NANOS = 100_000;

  private static final String HEAD_END = "\r\n\r\n";
  private static final String OK = "HTTP/1.1 200 ";

  private final Path socket;
  private final Waiting.Condition serverLives;

  /**
   * An exchange.
   *
   * @param serverLives false once there is nobody left who might come to listen
   */
  UnixExchange(Path socket, Waiting.Condition serverLives) {
    this.socket = socket;
    this.serverLives = serverLives;
  }

  /**
   * Posts a body as soon as somebody listens, and returns the body of the answer.
   *
   * @throws BenchmarkException if nobody does or the answer is no good one
   */
  String post(String body) throws IOException {
    byte[] content = body.getBytes(StandardCharsets.UTF_8);
    String head =
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + content.length + HEAD_END;
    try (SocketChannel channel = connect()) {
      write(channel, head.getBytes(StandardCharsets.US_ASCII));
      write(channel, content);
      String answer = readAll(channel);
      int end = answer.indexOf(HEAD_END);
      if (!answer.startsWith(OK) || end < 0) {
        throw new BenchmarkException(
            BenchmarkException.Cause.WRONG_ANSWER, "the baseline answered '" + answer + "'");
      }
      return answer.substring(end + HEAD_END.length());
    }
  }

  private SocketChannel connect() throws IOException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
      try {
        channel.connect(UnixDomainSocketAddress.of(socket));
        return channel;
      } catch (IOException e) {
        channel.close();
        if (!serverLives.holds() || System.nanoTime() > deadline) {
          throw new BenchmarkException(
              BenchmarkException.Cause.MACHINE, "the baseline did not come up at " + socket);
        }
        LockSupport.parkNanos(RETRY_NANOS);
      }
    }
  }

  private static void write(SocketChannel channel, byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  private static String readAll(SocketChannel channel) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    ByteBuffer buffer = ByteBuffer.allocate(4_096);
    while (channel.read(buffer) >= 0) {
      all.write(buffer.array(), 0, buffer.position());
      buffer.clear();
    }
    return all.toString(StandardCharsets.UTF_8);
  }
}
