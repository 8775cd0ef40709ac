package dev.rekindle.warmers;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.warmers.channel.Frame;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Sends any bytes to a function's socket, as a broken client would. */
final class RawClient {
  private RawClient() {}

  /** Sends the bytes, says that no more follow, waits for the function to close. */
  static void send(Path socket, byte[] bytes) throws IOException {
    try (SocketChannel client = connect(socket)) {
      try {
        write(client, bytes);
        client.shutdownOutput();
        ByteBuffer answer = ByteBuffer.allocate(4096);
        while (client.read(answer) >= 0) {
          answer.clear();
        }
      } catch (IOException closedByFunction) {
        // It may hang up as soon as it sees that the bytes are no request.
        assertHangUp(closedByFunction);
      }
    }
  }

  /** Sends the bytes and gives what the function says before it closes. */
  static byte[] exchange(Path socket, byte[] bytes) throws IOException {
    try (SocketChannel client = connect(socket)) {
      write(client, bytes);
      return Channels.newInputStream(client).readAllBytes();
    }
  }

  /** Sends a request of the bootstrap protocol as it is; returns the header of the answer. */
  static JsonNode ask(Path socket, Frame request) throws IOException {
    return answer(socket, request).get(0);
  }

  /** The same, for the body of the answer. */
  static JsonNode body(Path socket, Frame request) throws IOException {
    return answer(socket, request).get(1);
  }

  private static List<JsonNode> answer(Path socket, Frame request) throws IOException {
    try (SocketChannel client = connect(socket)) {
      write(client, request.encode().getBytes());
      DataInputStream answer = new DataInputStream(Channels.newInputStream(client));
      JsonNode header = Frame.JSON.readTree(answer.readNBytes(answer.readInt()));
      return List.of(header, Frame.JSON.readTree(answer.readNBytes(answer.readInt())));
    }
  }

  /** Sends the bytes and goes away without waiting for anything. */
  static void sendAndLeave(Path socket, byte[] bytes) throws IOException {
    try (SocketChannel client = connect(socket)) {
      write(client, bytes);
    }
  }

  /** How many connections are open on the socket's accepting side. */
  static long openConnections(Path socket) throws IOException {
    // Columns of /proc/net/unix: Num RefCount Protocol Flags Type St Inode Path; St 03 is
    // connected, St 01 is the listening socket itself.
    try (var lines = Files.lines(Path.of("/proc/net/unix"))) {
      return lines
          .map(line -> line.split("\\s+"))
          .filter(column -> column.length == 8 && column[7].equals(socket.toString()))
          .filter(column -> column[5].equals("03"))
          .count();
    }
  }

  private static SocketChannel connect(Path socket) throws IOException {
    SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX);
    client.connect(UnixDomainSocketAddress.of(socket));
    return client;
  }

  private static void write(SocketChannel client, byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      client.write(buffer);
    }
  }

  private static void assertHangUp(IOException e) throws IOException {
    String message = String.valueOf(e.getMessage());
    if (!message.contains("Broken pipe") && !message.contains("reset")) {
      throw e;
    }
  }
}
