package dev.rekindle.engine.sandbox;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A frame of the control protocol with a sandbox's init; {@code wire.h} is the other end.
 *
 * @param type what it is: the constants below
 * @param tag pairs a reply with its request; 0 for events
 * @param payload the rest, positioned at its start
 */
public record ControlFrame(byte type, int tag, ByteBuffer payload) {
  static final byte CONFIGURE = 1;
  static final byte SPAWN = 2;
  static final byte CRIU = 3;
  static final byte KILL = 4;
  static final byte MEMORY = 5;
  static final byte PRIME = 6;
  static final byte GREET = 7;
  static final byte RELAY = 8;
  static final byte IDENTITIES = 9;
  static final byte HELLO = 64;
  static final byte REPLY = 65;
  static final byte OUTPUT = 66;
  static final byte READY = 67;
  static final byte EXITED = 68;

  /** The largest frame that either end sends. */
  public static final int MAX_BYTES = 1 << 20;

  private static final int HEADER_BYTES = 5;

  /** Whether the other end would take it. */
  boolean fits() {
    return HEADER_BYTES + payload.remaining() <= MAX_BYTES;
  }

  /** The frame with its length before it. */
  ByteBuffer encode() {
    ByteBuffer frame = ByteBuffer.allocate(4 + HEADER_BYTES + payload.remaining());
    frame.putInt(HEADER_BYTES + payload.remaining()).put(type).putInt(tag).put(payload.duplicate());
    return frame.flip();
  }

  /** Reads a frame from its bytes without the length. */
  static ControlFrame decode(ByteBuffer bytes) {
    return new ControlFrame(bytes.get(), bytes.getInt(), bytes.slice());
  }

  /** The rest of the payload as text. */
  String text() {
    return StandardCharsets.UTF_8.decode(payload.duplicate()).toString();
  }

  /** The rest of the payload. */
  byte[] bytes() {
    byte[] bytes = new byte[payload.remaining()];
    payload.duplicate().get(bytes);
    return bytes;
  }

  /**
   * A payload of NUL-terminated strings.
   *
   * @throws IllegalArgumentException if one holds a NUL; the message does not show it, since it may
   *     be a secret from a function's environment
   */
  static ByteBuffer strings(List<String> strings) {
    for (String s : strings) {
      if (s.indexOf('\0') >= 0) {
        throw new IllegalArgumentException(
            "a NUL character stands in an argument, environment entry or path: remove it");
      }
    }
    return ByteBuffer.wrap(
        (String.join("\0", strings) + (strings.isEmpty() ? "" : "\0"))
            .getBytes(StandardCharsets.UTF_8));
  }
}
