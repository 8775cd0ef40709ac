package dev.rekindle.engine.sandbox;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.LockSupport;

/** The sending side of a sandbox's control connection. Closing it ends the sandbox. */
final class ControlConnection implements AutoCloseable {
  private final SocketChannel channel;

  ControlConnection(SocketChannel channel) {
    this.channel = channel;
  }

  /** Sends a frame whole. Blocks while init is busy; frames are small and init is quick. */
  synchronized void send(ControlFrame frame) throws IOException {
    ByteBuffer bytes = frame.encode();
    while (bytes.hasRemaining()) {
      if (channel.write(bytes) == 0) {
        LockSupport.parkNanos(50_000); // the socket's buffer is full
      }
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
