package dev.rekindle.orchestrator.function;

import java.nio.charset.StandardCharsets;

/** The last bytes that a function printed. Written by the engine's thread, read by callers. */
public final class FunctionLog {
  private final byte[] ring;
  private long written;

  /** An empty log that keeps the last lines. */
  public FunctionLog(int bytes) {
    ring = new byte[bytes];
  }

  /** Adds a piece of output; the oldest bytes make room. */
  public synchronized void append(byte[] bytes) {
    int from = Math.max(0, bytes.length - ring.length);
    written += from;
    for (int i = from; i < bytes.length; ) {
      int at = (int) (written % ring.length);
      int n = Math.min(bytes.length - i, ring.length - at);
      System.arraycopy(bytes, i, ring, at, n);
      written += n;
      i += n;
    }
  }

  /** The last lines, at most so many. */
  public synchronized String tail(int lines) {
    int kept = (int) Math.min(written, ring.length);
    byte[] bytes = new byte[kept];
    for (int i = 0; i < kept; i++) {
      bytes[i] = ring[(int) ((written - kept + i) % ring.length)];
    }
    int from = kept;
    int found = 0;
    while (from > 0) {
      if (bytes[from - 1] == '\n' && from < kept && ++found == lines) {
        break;
      }
      from--;
    }
    return new String(bytes, from, kept - from, StandardCharsets.UTF_8);
  }
}
