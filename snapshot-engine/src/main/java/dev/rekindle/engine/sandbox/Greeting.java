package dev.rekindle.engine.sandbox;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What is said to a restored function the moment it runs. The sandbox's init does it by itself, so
 * that nobody has to wake up for it first.
 *
 * @param socket the name of the function's socket below {@link Sandbox#SOCKETS}
 * @param message the bytes; the answer is what the function says before it closes the connection
 */
public record Greeting(String socket, ByteBuffer message) {
  /** The payload of {@link ControlFrame#GREET}. */
  ByteBuffer encode() {
    byte[] path = (Sandbox.SOCKETS + "/" + socket).getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(path.length + 1 + message.remaining())
        .put(path)
        .put((byte) 0)
        .put(message.duplicate())
        .flip();
  }
}
