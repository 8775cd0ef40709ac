package dev.rekindle.loadtests.jvm;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Serves {@link Heap} over HTTP on the unix socket named by the one argument.
 *
 * <p>It stands in for our own service where plain CRIU is measured: it does the least that a server
 * can do, so that nothing but CRIU counts. So it reads the one field that the benchmark sends
 * without a JSON library.
 */
public final class Serve {
  private static final Pattern LENGTH =
      Pattern.compile("content-length: *(\\d+)", Pattern.CASE_INSENSITIVE);
  private static final Pattern KEY = Pattern.compile("\"key\": *(\\d+)");
  private static final int MAX_REQUEST_BYTES = 1 << 16;

  private Serve() {}

  /**
   * Serves until the process ends.
   *
   * @param arguments the socket's path
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Heap heap = new Heap();
    // Without its garbage the dump is as small as it can be.
    System.gc();
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(arguments[0]));
      while (true) {
        try (SocketChannel connection = server.accept()) {
          answer(connection, heap);
        } catch (IOException e) {
          // The client went away: the next one counts.
        }
      }
    }
  }

  private static void answer(SocketChannel connection, Heap heap)
      throws IOException, InterruptedException {
    ByteBuffer request = ByteBuffer.allocate(MAX_REQUEST_BYTES);
    String text = "";
    while (!isWhole(text)) {
      if (connection.read(request) < 0) {
        return;
      }
      text = new String(request.array(), 0, request.position(), StandardCharsets.ISO_8859_1);
    }
    Matcher key = KEY.matcher(text);
    int number = key.find() ? Integer.parseInt(key.group(1)) : 0;
    Map<String, Object> result = heap.handler(Map.of("key", number));
    String body = "{\"sum\":" + result.get("sum") + "}";
    ByteBuffer reply =
        ByteBuffer.wrap(
            ("HTTP/1.1 200 OK\r\nContent-Length: "
                    + body.length()
                    + "\r\nConnection: close\r\n\r\n"
                    + body)
                .getBytes(StandardCharsets.ISO_8859_1));
    while (reply.hasRemaining()) {
      connection.write(reply);
    }
  }

  private static boolean isWhole(String request) {
    int end = request.indexOf("\r\n\r\n");
    if (end < 0) {
      return false;
    }
    Matcher length = LENGTH.matcher(request);
    int bytes = length.find() && length.start() < end ? Integer.parseInt(length.group(1)) : 0;
    return request.length() - end - 4 >= bytes;
  }
}
