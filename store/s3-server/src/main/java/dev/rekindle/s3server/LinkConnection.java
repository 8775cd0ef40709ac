package dev.rekindle.s3server;

import dev.rekindle.s3server.Lane.Passage;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One connection through a link. Each direction has a thread that takes bytes in and one that
 * delivers them when their time has come, so that a delay costs no bandwidth.
 */
final class LinkConnection {
  private static final int PIECE_BYTES = 64 << 10;

  /** Pieces under way in one direction; more would hide a slow reader from the sender. */
  private static final int PIECES = 256;

  private final Link link;
  private final Socket near;
  private final Socket far;
  private final Queue<Thread> threads = new ConcurrentLinkedQueue<>();
  private final AtomicInteger open = new AtomicInteger(2);

  LinkConnection(Link link, Socket near, Socket far) throws IOException {
    this.link = link;
    this.near = near;
    this.far = far;
    near.setTcpNoDelay(true);
    far.setTcpNoDelay(true);
  }

  /** Carries bytes in both directions until both ends have closed or one is cut. */
  void carry(Lane up, Lane down) {
    // A handshake goes there and back before the first byte does.
    direction("up", near, far, up, up.delayNanos() + down.delayNanos());
    direction("down", far, near, down, 0);
  }

  /** Bytes under way; none at the end of a direction. */
  private record Piece(ByteBuffer bytes, Passage passage) {}

  private void direction(String name, Socket from, Socket to, Lane lane, long handshakeNanos) {
    BlockingQueue<Piece> underWay = new ArrayBlockingQueue<>(PIECES);
    threads.add(thread("link-" + name + "-in", () -> takeIn(from, lane, handshakeNanos, underWay)));
    threads.add(thread("link-" + name + "-out", () -> deliver(underWay, to)));
  }

  private void takeIn(Socket from, Lane lane, long handshakeNanos, BlockingQueue<Piece> underWay) {
    boolean toServer = from == near;
    byte[] buffer = new byte[PIECE_BYTES];
    try {
      TimeUnit.NANOSECONDS.sleep(handshakeNanos);
      var in = from.getInputStream();
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        if (link.isSilent()) {
          continue;
        }
        var answer = toServer ? link.takeAnswer() : Optional.<byte[]>empty();
        if (answer.isPresent()) {
          near.getOutputStream().write(answer.get());
          near.shutdownOutput();
          far.close();
          return;
        }
        var passage = lane.take(count);
        underWay.put(new Piece(ByteBuffer.wrap(Arrays.copyOf(buffer, passage.bytes())), passage));
        if (passage.cut()) {
          return;
        }
      }
      underWay.put(new Piece(ByteBuffer.allocate(0), new Passage(0, System.nanoTime(), false)));
    } catch (IOException e) {
      cut();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void deliver(BlockingQueue<Piece> underWay, Socket to) {
    try {
      var out = to.getOutputStream();
      while (true) {
        Piece piece = underWay.take();
        TimeUnit.NANOSECONDS.sleep(left(piece));
        out.write(piece.bytes().array());
        if (piece.passage().cut()) {
          cut();
          return;
        }
        if (!piece.bytes().hasRemaining()) {
          break;
        }
      }
      to.shutdownOutput();
      if (open.decrementAndGet() == 0) {
        close();
      }
    } catch (IOException e) {
      cut();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static long left(Piece piece) {
    return piece.passage().atNanos() - System.nanoTime();
  }

  /** Ends it by a reset on both sides. */
  void cut() {
    for (Socket socket : new Socket[] {near, far}) {
      try {
        socket.setSoLinger(true, 0);
      } catch (IOException e) {
        // Closed already.
      }
    }
    close();
  }

  private void close() {
    link.ended(this);
    for (Socket socket : new Socket[] {near, far}) {
      try {
        socket.close();
      } catch (IOException e) {
        // Nothing more can be done about it.
      }
    }
    threads.forEach(Thread::interrupt);
  }

  static Thread thread(String name, Runnable task) {
    var thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }
}
