package dev.rekindle.engine.sandbox;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What is said to a restored function the moment it runs. The sandbox's init does it by itself, so
 * that nobody has to wake up for it first.
 *
 * @param socket the name of the function's socket below {@link Sandbox#SOCKETS}; or {@link #DOORS}
 * @param message the bytes; the answer is what the function says before it closes the connection
 */
public record Greeting(String socket, ByteBuffer message) {
  /**
   * In place of a socket: all listening sockets without a file whose names begin so. Each process
   * that wants to know of restores opens one. The answers follow one another; there is none if no
   * process has a door.
   */
  public static final String DOORS = "@rekindle/door/";

  /** The payload of {@link ControlFrame#GREET}. */
  ByteBuffer encode() {
    String name = socket.equals(DOORS) ? DOORS : Sandbox.SOCKETS + "/" + socket;
    byte[] path = name.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(path.length + 1 + message.remaining())
        .put(path)
        .put((byte) 0)
        .put(message.duplicate())
        .flip();
  }
}
