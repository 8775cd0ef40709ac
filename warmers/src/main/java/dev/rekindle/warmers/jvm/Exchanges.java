package dev.rekindle.warmers.jvm;

import java.io.IOException;
import java.util.Arrays;

/** The function's listening socket: one exchange for each connection, one at a time. */
final class Exchanges {
  /** A header holds names and settings, or an environment: a few KB. */
  private static final int MAX_HEADER_BYTES = 1 << 20;

  private static final int MAX_BODY_BYTES = 256 << 20;
  private static final int CHUNK_BYTES = 1 << 16;
  private static final int MAX_ACCEPT_FAILURES = 100;
  private static final long ACCEPT_PAUSE_MILLIS = 10;

  /** EX_SOFTWARE of sysexits.h. */
  private static final int EXIT_CANNOT_SERVE = 70;

  private final int listener;
  private final Operations operations;

  Exchanges(int listener, Handler handler) {
    this.listener = listener;
    this.operations = new Operations(handler);
  }

  /** What came in is not a request of the protocol. */
  private static final class BadFrame extends IOException {
    private static final long serialVersionUID = 1L;

    BadFrame(String message) {
      super(message);
    }
  }

  /** Answers requests until the process ends. */
  void serve() {
    int failures = 0;
    while (true) {
      int connection;
      try {
        connection = NativeCalls.accept(listener);
        failures = 0;
      } catch (IOException e) {
        if (++failures > MAX_ACCEPT_FAILURES) {
          Log.line("[ERROR] cannot accept on the function's socket: " + e.getMessage());
          Log.flush();
          Runtime.getRuntime().halt(EXIT_CANNOT_SERVE);
        }
        pause();
        continue;
      }
      try {
        exchange(connection);
      } catch (IOException e) {
        // The client went away; the next one may stay.
      } catch (Throwable e) { // no memory left, even to say so
        Log.line("[ERROR] an exchange failed: " + e);
      } finally {
        NativeCalls.close(connection);
        // A handler's interrupt is not meant for the next event.
        Thread.interrupted();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(ACCEPT_PAUSE_MILLIS);
    } catch (InterruptedException e) {
      // Meant for the function's handler, which does not run now.
    }
  }

  private void exchange(int connection) throws IOException {
    Request request;
    byte[] body;
    try {
      byte[] header = readBlock(connection, MAX_HEADER_BYTES, "header");
      body = readBlock(connection, MAX_BODY_BYTES, "body");
      request = read(header);
    } catch (BadFrame e) {
      write(
          connection, Replies.failure(new Fault("Runtime.BadFrame", "" + e.getMessage())), none());
      return;
    }
    Operations.Reply reply;
    boolean fatal = false;
    try {
      reply = operations.run(request, body);
    } catch (Throwable e) { // Errors too: they are reported
      Fault fault = Fault.of(e);
      Log.fault(fault);
      reply = new Operations.Reply(Replies.failure(fault), none());
      fatal = Fault.isFatal(e);
    }
    Log.flush();
    if (fatal) {
      // Before the reply: who sends the next event at once must find nobody, not a closed end.
      NativeCalls.close(listener);
    }
    try {
      write(connection, reply.header(), reply.body());
    } finally {
      if (fatal) {
        Runtime.getRuntime().exit(EXIT_CANNOT_SERVE);
      }
    }
  }

  private Request read(byte[] header) throws BadFrame {
    try {
      Request request = Request.of(header);
      if (!operations.knows(request)) {
        throw new BadFrame("unknown operation '" + request.text("op", "") + "'");
      }
      return request;
    } catch (BadFrame e) {
      throw e;
    } catch (IOException e) {
      throw new BadFrame("the header is damaged: " + e.getMessage());
    }
  }

  private static byte[] none() {
    return new byte[0];
  }

  private static byte[] readBlock(int connection, int limit, String what) throws IOException {
    byte[] length = readExactly(connection, 4);
    long size = 0;
    for (byte b : length) {
      size = size << 8 | (b & 0xff);
    }
    if (size > limit) {
      throw new BadFrame("a " + what + " of " + size + " bytes is over the limit of " + limit);
    }
    return readExactly(connection, (int) size);
  }

  /** Grows with what arrives, not with what the length promises. */
  private static byte[] readExactly(int connection, int size) throws IOException {
    byte[] bytes = new byte[Math.min(size, CHUNK_BYTES)];
    for (int done = 0; done < size; ) {
      if (done == bytes.length) {
        bytes = Arrays.copyOf(bytes, (int) Math.min(size, 2L * done));
      }
      int n = NativeCalls.read(connection, bytes, done, bytes.length - done);
      if (n == 0) {
        throw new IOException("end of stream after " + done + " of " + size + " bytes");
      }
      done += n;
    }
    return bytes;
  }

  private static void write(int connection, byte[] header, byte[] body) throws IOException {
    byte[] start = new byte[8 + header.length];
    putInt(start, 0, header.length);
    System.arraycopy(header, 0, start, 4, header.length);
    putInt(start, 4 + header.length, body.length);
    writeAll(connection, start);
    writeAll(connection, body);
  }

  private static void writeAll(int connection, byte[] bytes) throws IOException {
    for (int done = 0; done < bytes.length; ) {
      done += NativeCalls.write(connection, bytes, done, bytes.length - done);
    }
  }

  private static void putInt(byte[] bytes, int offset, int value) {
    for (int i = 0; i < 4; i++) {
      bytes[offset + i] = (byte) (value >>> (24 - 8 * i));
    }
  }
}
