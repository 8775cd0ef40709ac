package dev.rekindle.s3server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A link to a server on this machine: a TCP proxy that delays, limits and counts what it carries,
 * cuts connections in the middle, falls silent, answers in the server's place, and goes down.
 * Changes count for bytes that arrive from then on, on open connections too. Thread-safe.
 */
public final class Link implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Link.class.getName());

  private final Lane up = new Lane();
  private final Lane down = new Lane();
  private final Set<LinkConnection> connections = ConcurrentHashMap.newKeySet();
  private final AtomicInteger answers = new AtomicInteger();
  private final AtomicLong accepted = new AtomicLong();
  private final int target;
  private final ServerSocket listener;
  private volatile boolean isDown;
  private volatile boolean silent;
  private volatile String answer = "";

  private Link(int target) throws IOException {
    this.target = target;
    this.listener = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    LinkConnection.thread("link-accept", this::accept);
  }

  /**
   * Makes a link that carries everything at once, on a free port.
   *
   * @param port the server's, on the loopback address
   */
  public static Link to(int port) throws IOException {
    return new Link(port);
  }

  /** The near end, as an address. */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort());
  }

  /**
   * Sets the quality of both directions.
   *
   * @param delay how long each byte is under way, one way; a new connection takes twice as long
   * @param bytesPerSecond what all connections together carry in each direction; 0 for no limit
   */
  public void shape(Duration delay, long bytesPerSecond) {
    up.shape(delay, bytesPerSecond);
    down.shape(delay, bytesPerSecond);
  }

  /**
   * Cuts a connection, by a reset, once so many more bytes have come from the server; the bytes
   * before still arrive. With 0, a request reaches the server and its reply is lost.
   *
   * @param bytes how many more bytes pass
   * @param times how many connections are cut so, one after the other
   */
  public void cutReplies(long bytes, int times) {
    down.cutAfter(bytes, times);
  }

  /** As {@link #cutReplies}, by the bytes that go to the server. */
  public void cutRequests(long bytes, int times) {
    up.cutAfter(bytes, times);
  }

  /** From now on answers so many requests itself, with status 503 and no S3 error. */
  public void refuse(int requests) {
    answer(requests, 503, "text/plain", "later");
  }

  /**
   * From now on answers so many requests itself.
   *
   * @param requests how many
   * @param status the HTTP status
   * @param type the content's type
   * @param body the content
   */
  public void answer(int requests, int status, String type, String body) {
    answer =
        """
        HTTP/1.1 %d Of the link\r
        Content-Type: %s\r
        Content-Length: %d\r
        Connection: close\r
        \r
        %s"""
            .formatted(status, type, body.getBytes(StandardCharsets.UTF_8).length, body);
    answers.set(requests);
  }

  /** While true, takes connections and bytes, and passes nothing on. */
  public void setSilent(boolean silent) {
    this.silent = silent;
  }

  /** Cuts all connections, and new ones as soon as they come, until {@link #up()}. */
  public void down() {
    isDown = true;
    connections.forEach(LinkConnection::cut);
  }

  /** Takes connections again. */
  public void up() {
    isDown = false;
  }

  /** Bytes that have come from the server. */
  public long bytesFromServer() {
    return down.carried();
  }

  /** Bytes that have gone to the server. */
  public long bytesToServer() {
    return up.carried();
  }

  /** Connections taken so far. */
  public long connections() {
    return accepted.get();
  }

  @Override
  public void close() {
    down();
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean isSilent() {
    return silent;
  }

  /** What to answer the request that begins now with, if the server is not to. */
  Optional<byte[]> takeAnswer() {
    return answers.getAndUpdate(left -> Math.max(0, left - 1)) > 0
        ? Optional.of(answer.getBytes(StandardCharsets.UTF_8))
        : Optional.empty();
  }

  void ended(LinkConnection connection) {
    connections.remove(connection);
  }

  private void accept() {
    try {
      while (true) {
        connect(listener.accept());
      }
    } catch (SocketException e) {
      // Closed.
    } catch (IOException e) {
      LOG.log(Level.WARNING, "event=link-ended cause={0}", e);
    }
  }

  private void connect(Socket near) throws IOException {
    accepted.incrementAndGet();
    try {
      if (isDown) {
        throw new IOException("the link is down");
      }
      var far = new Socket(InetAddress.getLoopbackAddress(), target);
      var connection = new LinkConnection(this, near, far);
      connections.add(connection);
      connection.carry(up, down);
      if (isDown) {
        connection.cut();
      }
    } catch (IOException e) {
      // The link is down, or the server away: so is this end.
      near.setSoLinger(true, 0);
      near.close();
    }
  }
}
