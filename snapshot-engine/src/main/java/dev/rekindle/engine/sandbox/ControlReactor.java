package dev.rekindle.engine.sandbox;

import java.io.IOException;
import java.lang.System.Logger;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * One thread that reads the control connections of all sandboxes. A connection each would need a
 * thread each otherwise, and a node may hold a thousand sandboxes.
 */
final class ControlReactor implements AutoCloseable {
  private static final Logger LOG = System.getLogger(ControlReactor.class.getName());

  /** The receiving side of a connection; called on the reactor's thread. */
  interface Receiver {
    void received(ControlFrame frame);

    void disconnected();
  }

  private final Selector selector;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final Thread thread;
  private volatile boolean closed;

  ControlReactor() throws IOException {
    selector = Selector.open();
    thread = new Thread(this::run, "rekindle-control");
    thread.setDaemon(true);
    thread.start();
  }

  /** Connects to the daemon, which makes a sandbox of it. */
  ControlConnection connect(Path socket, Receiver receiver) throws IOException {
    SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
    try {
      channel.configureBlocking(false);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    Inbox inbox = new Inbox(channel, receiver);
    tasks.add(() -> register(inbox));
    selector.wakeup();
    return new ControlConnection(channel);
  }

  private void register(Inbox inbox) {
    try {
      inbox.channel.register(selector, SelectionKey.OP_READ, inbox);
    } catch (IOException e) {
      inbox.receiver.disconnected();
    }
  }

  private void run() {
    while (!closed) {
      try {
        selector.select();
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
          task.run();
        }
        for (SelectionKey key : new ArrayList<>(selector.selectedKeys())) {
          ((Inbox) key.attachment()).read(key);
        }
        selector.selectedKeys().clear();
      } catch (IOException | RuntimeException e) {
        LOG.log(Logger.Level.ERROR, "event=control-reactor-error", e);
      }
    }
    endAll();
  }

  /** Whoever waits for a sandbox learns that there will be no more of it. */
  private void endAll() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
    try {
      for (SelectionKey key : new ArrayList<>(selector.keys())) {
        key.channel().close();
        ((Inbox) key.attachment()).end(key);
      }
      selector.close();
    } catch (IOException e) {
      LOG.log(Logger.Level.WARNING, "event=control-reactor-close error={0}", e.toString());
    }
  }

  /** Ends all connections. Returns when the thread has ended. */
  @Override
  public void close() {
    closed = true;
    selector.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Collects bytes into frames. */
  private static final class Inbox {
    private final SocketChannel channel;
    private final Receiver receiver;
    private ByteBuffer buffer = ByteBuffer.allocate(16 << 10);

    Inbox(SocketChannel channel, Receiver receiver) {
      this.channel = channel;
      this.receiver = receiver;
    }

    void read(SelectionKey key) {
      try {
        int n = channel.read(buffer);
        if (n < 0) {
          end(key);
        } else {
          deliver();
        }
      } catch (IOException e) {
        end(key);
      } catch (RuntimeException e) {
        // The buffer may hold half a frame: nothing that follows could be trusted.
        LOG.log(Logger.Level.ERROR, "event=control-frame-failed", e);
        end(key);
      }
    }

    private void end(SelectionKey key) {
      key.cancel();
      receiver.disconnected();
    }

    private void deliver() throws IOException {
      buffer.flip();
      while (buffer.remaining() >= 4) {
        int bytes = buffer.getInt(buffer.position());
        if (bytes < 5 || bytes > ControlFrame.MAX_BYTES) {
          throw new IOException("bad frame of " + bytes + " bytes");
        }
        if (buffer.remaining() < 4 + bytes) {
          grow(4 + bytes);
          return;
        }
        byte[] frame = new byte[bytes];
        buffer.getInt();
        buffer.get(frame);
        receiver.received(ControlFrame.decode(ByteBuffer.wrap(frame)));
      }
      buffer.compact();
    }

    /** Makes room for a frame of which the first part is here. */
    private void grow(int frameBytes) {
      if (buffer.capacity() < frameBytes) {
        ByteBuffer larger = ByteBuffer.allocate(frameBytes);
        larger.put(buffer);
        buffer = larger;
      } else {
        buffer.compact();
      }
    }
  }
}
