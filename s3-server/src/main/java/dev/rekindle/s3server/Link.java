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
import java.time.Duration;
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
  private final AtomicInteger refusals = new AtomicInteger();
  private final AtomicLong accepted = new AtomicLong();
  private final int target;
  private final int port;
  private volatile ServerSocket listener;
  private volatile boolean silent;

  private Link(int target) throws IOException {
    this.target = target;
    this.listener = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    this.port = listener.getLocalPort();
    acceptOn(listener);
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
    return URI.create("http://127.0.0.1:" + port);
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
    refusals.set(requests);
  }

  /** While true, takes connections and bytes, and passes nothing on. */
  public void setSilent(boolean silent) {
    this.silent = silent;
  }

  /** Cuts all connections and refuses new ones, until {@link #up()}. */
  public void down() throws IOException {
    listener.close();
    connections.forEach(LinkConnection::cut);
  }

  /** Takes connections again, at the same port. */
  public void up() throws IOException {
    var again = new ServerSocket(port, 0, InetAddress.getLoopbackAddress());
    listener = again;
    acceptOn(again);
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
    try {
      down();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean isSilent() {
    return silent;
  }

  /** Whether the request that begins now is to be answered here. */
  boolean takeRefusal() {
    return refusals.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
  }

  void ended(LinkConnection connection) {
    connections.remove(connection);
  }

  private void acceptOn(ServerSocket socket) {
    LinkConnection.thread("link-accept", () -> accept(socket));
  }

  private void accept(ServerSocket socket) {
    try (socket) {
      while (true) {
        connect(socket.accept());
      }
    } catch (SocketException e) {
      // Closed, by down().
    } catch (IOException e) {
      LOG.log(Level.WARNING, "event=link-ended cause={0}", e);
    }
  }

  private void connect(Socket near) throws IOException {
    accepted.incrementAndGet();
    try {
      var far = new Socket(InetAddress.getLoopbackAddress(), target);
      var connection = new LinkConnection(this, near, far);
      connections.add(connection);
      connection.carry(up, down);
    } catch (IOException e) {
      // The server is away: so is this end.
      near.setSoLinger(true, 0);
      near.close();
    }
  }
}
