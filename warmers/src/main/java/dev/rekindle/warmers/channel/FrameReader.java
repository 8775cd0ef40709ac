package dev.rekindle.warmers.channel;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.Optional;

/** Puts one reply together from the pieces in which it arrives. Not thread-safe. */
final class FrameReader {
  /** The bootstraps cut errors to far less; the same bound as theirs for requests. */
  private static final int MAX_HEADER_BYTES = 1 << 20;

  private final long maxBodyBytes;
  private final Buffer received = Buffer.buffer();

  FrameReader(long maxBodyBytes) {
    this.maxBodyBytes = maxBodyBytes;
  }

  /** Length in bytes of the frame that a buffer begins with; at most the buffer's. */
  static int length(Buffer buffer) {
    if (buffer.length() < 4) {
      return buffer.length();
    }
    long body = buffer.getUnsignedInt(0) + 4;
    if (body + 4 > buffer.length()) {
      return buffer.length();
    }
    return (int) Math.min(buffer.length(), body + 4 + buffer.getUnsignedInt((int) body));
  }

  /** Bytes received so far. */
  int received() {
    return received.length();
  }

  /**
   * Takes the next piece.
   *
   * @return the reply, once it is whole
   * @throws ChannelException with BAD_FRAME or REPLY_TOO_LARGE
   */
  Optional<Frame> add(Buffer piece) {
    received.appendBuffer(piece);
    if (received.length() < 4) {
      return Optional.empty();
    }
    long headerBytes = received.getUnsignedInt(0);
    if (headerBytes > MAX_HEADER_BYTES) {
      throw bad("its header claims " + headerBytes + " bytes");
    }
    int bodyStart = (int) headerBytes + 8;
    if (received.length() < bodyStart) {
      return Optional.empty();
    }
    long bodyBytes = received.getUnsignedInt(bodyStart - 4);
    if (bodyBytes > maxBodyBytes) {
      throw new ChannelException(
          ChannelException.Cause.REPLY_TOO_LARGE,
          "the result has "
              + bodyBytes
              + " bytes, the limit is "
              + maxBodyBytes
              + "; return less, or a reference to where it is stored");
    }
    long missing = bodyStart + bodyBytes - received.length();
    if (missing < 0) {
      throw bad(-missing + " bytes follow after its end");
    }
    return missing > 0 ? Optional.empty() : Optional.of(whole(bodyStart));
  }

  private Frame whole(int bodyStart) {
    try {
      JsonNode header = Frame.JSON.readTree(received.getBytes(4, bodyStart - 4));
      if (!header.isObject() || !header.path("ok").isBoolean()) {
        throw bad("its header is not an object with a field \"ok\"");
      }
      return new Frame(header, received.slice(bodyStart, received.length()));
    } catch (IOException e) {
      throw bad("its header is not JSON");
    }
  }

  private static ChannelException bad(String what) {
    return new ChannelException(
        ChannelException.Cause.BAD_FRAME,
        "the instance's reply is damaged: " + what + "; discard the instance");
  }
}
